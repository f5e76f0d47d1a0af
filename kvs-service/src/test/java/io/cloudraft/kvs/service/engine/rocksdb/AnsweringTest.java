package io.cloudraft.kvs.service.engine.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloudraft.kvs.service.store.Key;
import io.cloudraft.kvs.service.store.Revision;
import io.cloudraft.kvs.service.store.Value;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which thread tells of a write that is done. */
class AnsweringTest {
  @TempDir Path directory;
  private final FakeDisk disk = new FakeDisk();
  private RocksDbStore store;

  @BeforeEach
  void open() {
    store = Stores.open(directory, disk::over);
  }

  @AfterEach
  void close() {
    store.close();
  }

  private CompletableFuture<Revision> put(String key) {
    return store.put(Key.of(key), Value.text(""));
  }

  @Test
  void theOneThatDidAWriteThatIsAlone() {
    disk.hold();
    CompletableFuture<String> answeredBy =
        put("a").thenApply(_ -> Thread.currentThread().getName());
    disk.release();

    assertThat(answeredBy.join()).isEqualTo("kvs-committer");
  }

  @Test
  void anotherForManyWritesSoThatTheNextOnesAreDoneMeanwhile() {
    CountDownLatch slow = new CountDownLatch(1);
    disk.hold();
    var _ = put("begun");
    CompletableFuture<String> answeredBy =
        put("first")
            .thenApply(
                _ -> {
                  awaitUninterrupted(slow);
                  return Thread.currentThread().getName();
                });
    for (int i = 0; i < 100; i++) {
      var _ = put("key" + i);
    }
    disk.release();

    while (store.waitingWrites() > 0) {
      Thread.onSpinWait();
    }
    assertThat(put("next").join()).isEqualTo(new Revision(103));
    assertThat(answeredBy).isNotDone();
    slow.countDown();
    assertThat(answeredBy.join()).isEqualTo("kvs-answers");
  }

  private static void awaitUninterrupted(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
