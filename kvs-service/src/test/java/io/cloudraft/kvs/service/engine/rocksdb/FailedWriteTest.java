package io.cloudraft.kvs.service.engine.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.cloudraft.kvs.service.store.Key;
import io.cloudraft.kvs.service.store.Revision;
import io.cloudraft.kvs.service.store.StoreFailure;
import io.cloudraft.kvs.service.store.Value;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FailedWriteTest {
  private static final Key KEPT = Key.of("kept");
  private static final Key LOST = Key.of("lost");

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

  @Test
  void failsTheWriteAndAllThatWaitAndTakesNoMore() {
    store.put(KEPT, Value.text("1")).join();
    disk.breakDown();
    disk.hold();
    CompletableFuture<Revision> failing = store.put(LOST, Value.text("2"));
    CompletableFuture<Revision> waiting = store.put(LOST, Value.text("3"));
    disk.release();

    assertThat(causeOf(failing)).isInstanceOf(StoreFailure.NotWritable.class);
    assertThat(causeOf(waiting)).isInstanceOf(StoreFailure.NotWritable.class);
    disk.mend();
    assertThat(causeOf(store.put(LOST, Value.text("4"))))
        .as("a disk that works again says nothing about the write that failed")
        .isInstanceOf(StoreFailure.NotWritable.class)
        .hasMessageContaining("Input/output error")
        .hasMessageContaining("started again");
    assertThat(store.refusesWrites()).containsInstanceOf(StoreFailure.NotWritable.class);
  }

  @Test
  void goesOnReading() {
    store.put(KEPT, Value.text("1")).join();
    disk.breakDown();
    causeOf(store.put(LOST, Value.text("2")));

    assertThat(store.get(KEPT).orElseThrow().value()).isEqualTo(Value.text("1"));
    assertThat(store.get(LOST)).isEmpty();
    assertThat(store.count()).isEqualTo(1);
  }

  @Test
  void takesWritesAgainAfterARestart() {
    store.put(KEPT, Value.text("1")).join();
    disk.breakDown();
    causeOf(store.put(LOST, Value.text("2")));
    store.close();

    store = Stores.open(directory);

    assertThat(store.refusesWrites()).isEmpty();
    assertThat(store.put(LOST, Value.text("2")).join()).isEqualTo(new Revision(2));
    assertThat(store.count()).isEqualTo(2);
  }

  private static @Nullable Throwable causeOf(CompletableFuture<?> future) {
    return catchThrowable(future::join).getCause();
  }
}
