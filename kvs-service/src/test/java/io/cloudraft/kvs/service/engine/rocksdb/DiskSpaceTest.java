package io.cloudraft.kvs.service.engine.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.cloudraft.kvs.service.store.Key;
import io.cloudraft.kvs.service.store.Operation;
import io.cloudraft.kvs.service.store.Revision;
import io.cloudraft.kvs.service.store.StoreFailure;
import io.cloudraft.kvs.service.store.Transaction;
import io.cloudraft.kvs.service.store.Value;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskSpaceTest {
  private static final Key KEY = Key.of("a");

  @TempDir Path directory;
  private volatile long free = 1000;
  private final FakeDisk disk = new FakeDisk();
  private RocksDbStore store;

  @BeforeEach
  void open() {
    store = Stores.open(directory, disk::over, new DiskSpace(directory, () -> free, 1000));
    store.put(KEY, Value.text("1")).join();
    store.put(Key.of("b"), Value.text("1")).join();
  }

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void belowTheFloorRefusesPutsAndNamesTheBytes() {
    free = 999;

    assertThat(failureOf(store.put(KEY, Value.text("2"))))
        .isInstanceOf(StoreFailure.DiskFull.class)
        .hasMessageContaining(directory.toString())
        .hasMessageContaining("999 bytes are free, and a put leaves 1000, a deletion 500");
    assertThat(store.refusesWrites()).containsInstanceOf(StoreFailure.DiskFull.class);
    assertThat(store.get(KEY).orElseThrow().value()).isEqualTo(Value.text("1"));
  }

  @Test
  void takesPutsAgainWhenThereIsRoom() {
    free = 999;
    failureOf(store.put(KEY, Value.text("2")));
    free = 1000;

    assertThat(store.refusesWrites()).isEmpty();
    assertThat(store.put(KEY, Value.text("2")).join()).isEqualTo(new Revision(3));
  }

  @Test
  void leavesSomeForDeletionsWhichMakeRoom() {
    free = 500;
    assertThat(store.delete(KEY).join()).isTrue();

    free = 499;
    assertThat(failureOf(store.delete(Key.of("b")))).isInstanceOf(StoreFailure.DiskFull.class);
    assertThat(store.get(Key.of("b"))).isPresent();
  }

  @Test
  void isNotNeededByTransactionsThatRead() {
    free = 0;

    assertThat(store.commit(Transaction.of(new Operation.Get(KEY))).join().succeeded()).isTrue();
  }

  /** Somebody else may take the room between the look at it and the write. */
  @Test
  void thatTurnsOutToBeGoneRefusesTheWriteAndNoOther() {
    disk.fill();
    assertThat(failureOf(store.put(KEY, Value.text("2"))))
        .isInstanceOf(StoreFailure.DiskFull.class)
        .hasMessageContaining("may or may not have been kept");
    assertThat(store.get(KEY).orElseThrow().value()).isEqualTo(Value.text("1"));

    disk.mend();
    assertThat(store.put(KEY, Value.text("3")).join()).isEqualTo(new Revision(3));
  }

  private static @Nullable Throwable failureOf(CompletableFuture<?> future) {
    return catchThrowable(future::join).getCause();
  }
}
