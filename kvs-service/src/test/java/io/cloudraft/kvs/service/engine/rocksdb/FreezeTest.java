package io.cloudraft.kvs.service.engine.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloudraft.kvs.service.store.Freeze;
import io.cloudraft.kvs.service.store.Key;
import io.cloudraft.kvs.service.store.Revision;
import io.cloudraft.kvs.service.store.StoreFailure;
import io.cloudraft.kvs.service.store.Value;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FreezeTest {
  private static final Freeze MOVING = new Freeze("one", "http://other", false);

  @TempDir Path directory;

  private RocksDbStore open() {
    return RocksDbStore.open(
        directory, Duration.ZERO, Revision.NONE, Stores.UNLIMITED, new SimpleMeterRegistry());
  }

  private void freezeAndClose(Freeze freeze) {
    try (RocksDbStore store = open()) {
      store.put(Key.of("a"), Value.text("1")).join();
      store.freeze(Optional.empty(), Optional.of(freeze)).join();
    }
  }

  /** Who was at it was the process before. */
  @Test
  void ofAMigrationThatEndedWithItsProcessIsLiftedAtTheNextStart() {
    freezeAndClose(MOVING);

    try (RocksDbStore store = open()) {
      assertThat(store.frozen()).isEmpty();
      assertThat(store.put(Key.of("b"), Value.text("2")).join()).isEqualTo(new Revision(2));
      assertThat(store.count()).isEqualTo(2);
    }
  }

  @Test
  void ofAStoreThatWasMovedStays() {
    freezeAndClose(MOVING.done());

    try (RocksDbStore store = open()) {
      assertThat(store.frozen()).contains(MOVING.done());
      assertThat(store.put(Key.of("b"), Value.text("2")))
          .failsWithin(Duration.ofSeconds(10))
          .withThrowableOfType(ExecutionException.class)
          .withCauseInstanceOf(StoreFailure.Frozen.class);
      assertThat(store.count()).isEqualTo(1);
    }
  }
}
