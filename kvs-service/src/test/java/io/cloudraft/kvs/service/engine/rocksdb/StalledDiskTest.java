package io.cloudraft.kvs.service.engine.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.cloudraft.kvs.service.store.Bytes;
import io.cloudraft.kvs.service.store.Key;
import io.cloudraft.kvs.service.store.Revision;
import io.cloudraft.kvs.service.store.Search;
import io.cloudraft.kvs.service.store.StoreFailure;
import io.cloudraft.kvs.service.store.Value;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StalledDiskTest {
  private static final Key KEY = Key.of("a");

  @TempDir Path directory;
  private final FakeDisk disk = new FakeDisk();
  private RocksDbStore store;

  @BeforeEach
  void open() {
    store = Stores.open(directory, disk::over);
    store.put(KEY, Value.text("1")).join();
    disk.hold();
  }

  @AfterEach
  void close() {
    disk.release();
    store.close();
  }

  @Test
  void doesNotHoldUpReads() {
    CompletableFuture<Revision> stalled = store.put(KEY, Value.text("2"));

    assertThat(store.get(KEY).orElseThrow().value()).isEqualTo(Value.text("1"));
    assertThat(store.search(Search.keys(Bytes.EMPTY, Bytes.EMPTY, Optional.empty(), 10)).keys())
        .containsExactly(KEY);
    assertThat(stalled).isNotDone();
  }

  @Test
  void showsNothingBeforeItIsDurable() {
    CompletableFuture<Revision> stalled = store.put(Key.of("b"), Value.text("2"));

    assertThat(store.get(Key.of("b"))).isEmpty();
    assertThat(store.count()).isEqualTo(1);
    disk.release();
    stalled.join();
    assertThat(store.get(Key.of("b"))).isPresent();
    assertThat(store.count()).isEqualTo(2);
  }

  @Test
  void makesTheStoreRefuseFurtherWritesAtOnceAndDoTheOthersLater() {
    List<CompletableFuture<Revision>> accepted = new ArrayList<>();
    CompletableFuture<Revision> last = store.put(KEY, Value.text("2"));
    while (!last.isCompletedExceptionally()) {
      accepted.add(last);
      last = store.put(KEY, Value.text("2"));
    }

    assertThat(catchThrowable(last::join)).hasCauseInstanceOf(StoreFailure.Busy.class);
    assertThat(accepted).hasSizeGreaterThan(1000).noneMatch(CompletableFuture::isDone);
    disk.release();
    CompletableFuture.allOf(accepted.toArray(CompletableFuture[]::new)).join();
    assertThat(store.get(KEY).orElseThrow().metadata().modified())
        .isEqualTo(new Revision(1 + accepted.size()));
    assertThat(store.refusesWrites()).isEmpty();
  }

  /** One that was begun may be on disk, so only one that waits can be told that it was not done. */
  @Test
  void tellsWhoHasWaitedForTooLongAndDoesNotDoItLater() {
    CompletableFuture<Revision> begun = store.put(KEY, Value.text("2"));
    awaitNothingWaiting();
    CompletableFuture<Revision> waiting = store.put(Key.of("b"), Value.text("3"));

    await().atMost(Duration.ofSeconds(30)).until(waiting::isCompletedExceptionally);
    assertThat(catchThrowable(waiting::join))
        .hasCauseInstanceOf(StoreFailure.Busy.class)
        .hasMessageContaining("for 5 s");
    assertThat(begun).isNotDone();
    disk.release();
    assertThat(begun.join()).isEqualTo(new Revision(2));
    assertThat(store.put(KEY, Value.text("4")).join()).isEqualTo(new Revision(3));
    assertThat(store.get(Key.of("b"))).isEmpty();
  }

  private void awaitNothingWaiting() {
    await().until(() -> store.waitingWrites() == 0);
  }
}
