package io.cloudraft.kvs.service.engine.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.cloudraft.kvs.service.store.Bytes;
import io.cloudraft.kvs.service.store.Change;
import io.cloudraft.kvs.service.store.Key;
import io.cloudraft.kvs.service.store.Operation;
import io.cloudraft.kvs.service.store.Revision;
import io.cloudraft.kvs.service.store.Search;
import io.cloudraft.kvs.service.store.StoreFailure;
import io.cloudraft.kvs.service.store.Transaction;
import io.cloudraft.kvs.service.store.Value;
import io.cloudraft.kvs.service.store.Watch;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the store does by itself: expired keys are deleted, and the history stays within bounds. */
class HousekeepingTest {
  private static final Instant START = Instant.parse("2030-01-01T00:00:00Z");

  @TempDir Path directory;
  private final AtomicReference<Instant> time = new AtomicReference<>(START);
  private final InstantSource clock = time::get;

  private static Transaction put(String key, Instant expires) {
    return Transaction.of(new Operation.Put(Key.of(key), Value.text(""), Optional.of(expires)));
  }

  private static Search since(long revision) {
    return new Search(
        Bytes.EMPTY,
        Bytes.EMPTY,
        Optional.empty(),
        Search.Order.ASCENDING,
        10,
        false,
        Long.MAX_VALUE,
        Optional.of(new Revision(revision)),
        false);
  }

  private static void awaitForgotten(RocksDbStore store, long revision) {
    await()
        .untilAsserted(
            () ->
                assertThatThrownBy(() -> store.search(since(revision)))
                    .isInstanceOf(StoreFailure.Compacted.class));
  }

  @Test
  void anExpiredKeyIsDeletedAsAChangeOfItsOwn() throws Exception {
    try (RocksDbStore store = Stores.open(directory, Stores.UNLIMITED, clock);
        Watch watch = store.watch(Bytes.EMPTY, Bytes.EMPTY)) {
      store.commit(put("a", START.plusMillis(1))).join();
      store.commit(put("b", START.plusMillis(2))).join();
      assertThat(watch.next(Duration.ofSeconds(10))).isNotEmpty();
      time.set(START.plusMillis(1));

      assertThat(store.get(Key.of("a"))).isEmpty();
      await().until(() -> store.revision().equals(new Revision(3)));

      assertThat(store.get(Key.of("b"))).isPresent();
      assertThat(store.count()).isEqualTo(1);
      await()
          .untilAsserted(
              () ->
                  assertThat(watch.next(Duration.ofSeconds(1)))
                      .contains(new Change(new Revision(3), Key.of("a"), Optional.empty())));
    }
  }

  @Test
  void manyKeysExpireAtOnce() {
    int keys = 2500;
    try (RocksDbStore store = Stores.open(directory, Stores.UNLIMITED, clock)) {
      for (int i = 0; i < keys; i++) {
        var _ = store.commit(put("k" + i, START.plusSeconds(1)));
      }
      store.put(Key.of("lasting"), Value.text("")).join();
      assertThat(store.count()).isEqualTo(keys + 1);

      time.set(START.plusSeconds(1));

      assertThat(store.count()).as("before any was deleted").isEqualTo(1);
      await().until(() -> store.revision().number() == 2L * keys + 1);
      assertThat(store.count()).isEqualTo(1);
    }
  }

  /** A clock that is set back must not bring back what was gone. */
  @Test
  void whatExpiredStaysAwayWhenTheClockGoesBack() {
    try (RocksDbStore store = Stores.open(directory, Stores.UNLIMITED, clock)) {
      store.commit(put("a", START.plusSeconds(1))).join();
      time.set(START.plusSeconds(2));
      assertThat(store.get(Key.of("a"))).isEmpty();
      time.set(START);
      assertThat(store.get(Key.of("a"))).isEmpty();
    }
  }

  @Test
  void expiryIsKeptAcrossARestart() {
    try (RocksDbStore store = Stores.open(directory, Stores.UNLIMITED, clock)) {
      store.commit(put("a", START.plusSeconds(1))).join();
    }
    time.set(START.plusSeconds(1));
    try (RocksDbStore store = Stores.open(directory, Stores.UNLIMITED, clock)) {
      assertThat(store.get(Key.of("a"))).isEmpty();
      await().until(() -> store.revision().equals(new Revision(2)));
    }
  }

  @Test
  void theHistoryForgetsWhatIsTooOld() {
    HistoryRetention anHour = new HistoryRetention(Long.MAX_VALUE, Duration.ofHours(1));
    try (RocksDbStore store = Stores.open(directory, anHour, clock)) {
      store.put(Key.of("a"), Value.text("1")).join();
      store.put(Key.of("a"), Value.text("2")).join();
      time.set(START.plusSeconds(1800));
      store.put(Key.of("a"), Value.text("3")).join();
      assertThat(store.search(since(0)).keys()).containsExactly(Key.of("a"));

      time.set(START.plusSeconds(3600));

      await()
          .untilAsserted(
              () ->
                  assertThatThrownBy(() -> store.watch(Bytes.EMPTY, Bytes.EMPTY, new Revision(1)))
                      .isInstanceOf(StoreFailure.Compacted.class)
                      .hasMessage(
                          "The history begins at revision 3, and does not reach back to 2 any more."));
      assertThatThrownBy(() -> store.search(since(1))).isInstanceOf(StoreFailure.Compacted.class);
      assertThat(store.search(since(2)).keys()).containsExactly(Key.of("a"));
      assertThat(store.get(Key.of("a")).orElseThrow().value()).isEqualTo(Value.text("3"));

      time.set(START.plusSeconds(9000));
      awaitForgotten(store, 2);
      assertThat(store.search(since(3)).keys()).containsExactly(Key.of("a"));
    }
  }

  @Test
  void theHistoryForgetsTheOldestOfWhatIsTooMuch() throws Exception {
    HistoryRetention small = new HistoryRetention(100_000, Duration.ofDays(1));
    try (RocksDbStore store = Stores.open(directory, small, clock)) {
      for (int i = 0; i < 3000; i++) {
        var _ = store.put(Key.of("k" + i % 10), Value.text("v".repeat(100)));
      }
      store.put(Key.of("last"), Value.text("")).join();
      awaitForgotten(store, 2000);
      assertThat(store.search(since(2600)).keys()).isNotEmpty();
      try (Watch watch = store.watch(Bytes.EMPTY, Bytes.EMPTY, new Revision(3000))) {
        assertThat(watch.next(Duration.ofSeconds(10)))
            .extracting(Change::key)
            .containsExactly(Key.of("last"));
      }
    }
    try (RocksDbStore store = Stores.open(directory, small, clock)) {
      assertThatThrownBy(() -> store.search(since(2000)))
          .isInstanceOf(StoreFailure.Compacted.class);
      assertThat(store.search(since(2600)).keys()).isNotEmpty();
    }
  }

  /** It is told so, instead of missing changes; and no write waited for it. */
  @Test
  void aWatchThatIsTooSlowIsToldThatTheHistoryIsGone() throws Exception {
    HistoryRetention small = new HistoryRetention(100_000, Duration.ofDays(1));
    try (RocksDbStore store = Stores.open(directory, small, clock);
        Watch slow = store.watch(Bytes.EMPTY, Bytes.EMPTY);
        Watch neverAsked = store.watch(Bytes.EMPTY, Bytes.EMPTY);
        Watch elsewhere = store.watch(Bytes.utf8("nobody"), Bytes.EMPTY)) {
      assertThat(slow.next(Duration.ZERO)).isEmpty();
      assertThat(elsewhere.next(Duration.ZERO)).isEmpty();
      for (int i = 0; i < 5000; i++) {
        var _ = store.put(Key.of("k" + i), Value.text("v".repeat(100)));
      }
      store.put(Key.of("last"), Value.text("")).join();
      awaitForgotten(store, 3000);

      assertThatThrownBy(
              () -> {
                List<Change> changes = slow.next(Duration.ofSeconds(10));
                while (!changes.isEmpty()) {
                  changes = slow.next(Duration.ofSeconds(10));
                }
              })
          .isInstanceOf(StoreFailure.Compacted.class);
      assertThatThrownBy(() -> neverAsked.next(Duration.ofSeconds(10)))
          .isInstanceOf(StoreFailure.Compacted.class);
      assertThat(elsewhere.next(Duration.ofMillis(10))).as("had nothing to read").isEmpty();
    }
  }
}
