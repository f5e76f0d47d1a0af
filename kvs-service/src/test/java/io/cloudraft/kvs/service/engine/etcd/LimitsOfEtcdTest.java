package io.cloudraft.kvs.service.engine.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cloudraft.kvs.service.store.Bytes;
import io.cloudraft.kvs.service.store.Key;
import io.cloudraft.kvs.service.store.Operation;
import io.cloudraft.kvs.service.store.Outcome;
import io.cloudraft.kvs.service.store.Revision;
import io.cloudraft.kvs.service.store.Search;
import io.cloudraft.kvs.service.store.StoreFailure;
import io.cloudraft.kvs.service.store.Transaction;
import io.cloudraft.kvs.service.store.Value;
import io.cloudraft.kvs.service.store.Watch;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an etcd as it comes cannot hold. */
@NeedsEtcd
class LimitsOfEtcdTest {
  private static final String QUOTA = Integer.toString(64 * 1024 * 1024);

  @TempDir static Path directory;
  private static EtcdCluster etcd;
  private static int stores;
  private EtcdStore store;

  @BeforeAll
  static void start() {
    etcd =
        EtcdCluster.start(
            directory, 1, List.of("--unsafe-no-fsync", "--quota-backend-bytes=" + QUOTA));
  }

  @AfterAll
  static void stop() {
    etcd.close();
  }

  @BeforeEach
  void open() {
    EtcdSettings settings = etcd.settings("limits-" + stores++ + "/", Duration.ofSeconds(5));
    store = EtcdCluster.open(withDefaultOperations(settings));
  }

  private static EtcdSettings withDefaultOperations(EtcdSettings settings) {
    return new EtcdSettings(
        settings.endpoints(),
        settings.keyPrefix(),
        settings.tls(),
        settings.credentials(),
        settings.timeout(),
        128,
        settings.maxRequestBytes(),
        settings.firstRevision());
  }

  @AfterEach
  void close() {
    store.close();
  }

  private static List<Operation> puts(int count, Value value, Optional<Instant> expires) {
    return IntStream.range(0, count)
        .<Operation>mapToObj(i -> new Operation.Put(Key.of("k" + i), value, expires))
        .toList();
  }

  private CompletableFuture<Outcome> commit(List<Operation> operations) {
    return store.commit(new Transaction(List.of(), operations, List.of()));
  }

  @Test
  void takesSixtyFourKeysAtOnceAndNamesTheLimitForMore() {
    assertThat(commit(puts(64, Value.text("1"), Optional.empty())).join().results()).hasSize(64);

    store.delete(Key.of("k0")).join();
    assertThatThrownBy(() -> commit(puts(65, Value.text("2"), Optional.of(later()))).join())
        .hasCauseInstanceOf(StoreFailure.TooLarge.class)
        .hasMessageContaining("at most 128 at once (KVS_ETCD_MAX_OPERATIONS");
    assertThat(store.count()).isEqualTo(63);
  }

  /** What was guessed wrong brings nothing large with it: many may share one answer. */
  @Test
  void changesManyLargeValuesThatExpireAtTheSameTime() {
    try (EtcdCluster roomy = EtcdCluster.quick(directory.resolve("roomy"));
        EtcdStore large = roomy.openEmptyStore()) {
      Value value = new Value(Value.TEXT, Bytes.wrap(new byte[1024 * 1024]));
      for (Operation put : puts(32, value, Optional.of(later()))) {
        large.commit(new Transaction(List.of(), List.of(put), List.of())).join();
      }

      List<CompletableFuture<Boolean>> deleted =
          IntStream.range(0, 32).mapToObj(i -> large.delete(Key.of("k" + i))).toList();

      assertThat(deleted).allSatisfy(delete -> assertThat(delete.join()).isTrue());
      assertThat(large.count()).isZero();
    }
  }

  private static Instant later() {
    return Instant.now().plusSeconds(1000);
  }

  /** An import puts so many, whatever is there already. */
  @Test
  void putsAsManyAtOnceAsItSays() {
    int puts = store.putsAtOnce();
    assertThat(puts).isGreaterThan(20);

    for (Optional<Instant> expires :
        List.of(
            Optional.of(later()), Optional.of(later().plusSeconds(1)), Optional.<Instant>empty())) {
      assertThat(commit(puts(puts, Value.text("1"), expires)).join().results()).hasSize(puts);
    }
    assertThat(store.count()).isEqualTo(puts);
  }

  @Test
  void namesTheLimitOfARequest() {
    Value large = new Value("x/y", Bytes.wrap(new byte[800_000]));

    assertThatThrownBy(() -> commit(puts(2, large, Optional.empty())).join())
        .hasCauseInstanceOf(StoreFailure.TooLarge.class)
        .hasMessageContaining("at most 1572864 at once (KVS_ETCD_MAX_REQUEST_BYTES");
    assertThat(store.count()).isZero();
  }

  @Test
  void readsAndScansLargeValuesInPortions() {
    Value large = new Value("x/y", Bytes.wrap(new byte[1024 * 1024]));
    for (int i = 0; i < 24; i++) {
      store.put(Key.of("k" + i), large).join();
    }
    Search search =
        new Search(
            Bytes.EMPTY,
            Bytes.EMPTY,
            Optional.empty(),
            Search.Order.ASCENDING,
            100,
            true,
            Long.MAX_VALUE,
            Optional.empty(),
            false);

    assertThat(store.search(search).items())
        .hasSize(24)
        .allSatisfy(item -> assertThat(item.entry().orElseThrow().value()).isEqualTo(large));
    int scanned = 0;
    try (var scan = store.scan(Bytes.EMPTY, Bytes.EMPTY)) {
      while (scan.next().isPresent()) {
        scanned++;
      }
    }
    assertThat(scanned).isEqualTo(24);
    List<Operation> gets =
        IntStream.range(0, 24)
            .<Operation>mapToObj(i -> new Operation.Get(Key.of("k" + i)))
            .toList();
    assertThatThrownBy(() -> commit(gets).join())
        .hasCauseInstanceOf(StoreFailure.ReadsTooMuch.class);
    store.search(search).keys().forEach(key -> store.delete(key).join());
  }

  @Test
  void tellsThatTheHistoryIsGoneOnceEtcdHasCompactedIt() throws Exception {
    for (int i = 1; i <= 10; i++) {
      store.put(Key.of("k" + i), Value.text("1")).join();
    }
    Search after =
        new Search(
            Bytes.EMPTY,
            Bytes.EMPTY,
            Optional.of(Key.of("k2")),
            Search.Order.ASCENDING,
            5,
            false,
            Long.MAX_VALUE,
            Optional.of(new Revision(2)),
            false);
    assertThat(store.search(after).items()).hasSize(5);
    try (Watch early = store.watch(Bytes.EMPTY, Bytes.EMPTY, new Revision(9))) {
      assertThat(early.next(Duration.ofSeconds(10))).hasSize(1);

      etcd.control("compact", Long.toString(revisionOfEtcd() - 3));

      assertThatThrownBy(() -> store.watch(Bytes.EMPTY, Bytes.EMPTY, new Revision(2)))
          .isInstanceOfSatisfying(
              StoreFailure.Compacted.class,
              compacted -> {
                assertThat(compacted.asked()).isEqualTo(new Revision(3));
                assertThat(compacted.oldest()).isEqualTo(new Revision(7));
              });
      assertThatThrownBy(() -> store.search(after)).isInstanceOf(StoreFailure.Compacted.class);
      try (Watch rest = store.watch(Bytes.EMPTY, Bytes.EMPTY, new Revision(6))) {
        List<Long> told = new ArrayList<>();
        while (told.size() < 4) {
          rest.next(Duration.ofSeconds(10)).forEach(change -> told.add(change.revision().number()));
        }
        assertThat(told).containsExactly(7L, 8L, 9L, 10L);
      }
      store.put(Key.of("k1"), Value.text("2")).join();
      assertThat(early.next(Duration.ofSeconds(10))).hasSize(1);
    }
  }

  private static long revisionOfEtcd() {
    String status = etcd.control("endpoint", "status", "--write-out=json");
    return Long.parseLong(status.replaceAll("(?s).*?\"revision\":(\\d+).*", "$1"));
  }

  /** Last, as it leaves etcd full. */
  @Test
  void saysThatEtcdIsFullAndLetsDelete() {
    try (EtcdCluster small = EtcdCluster.withQuota(directory.resolve("small"), 16 * 1024 * 1024)) {
      try (EtcdStore full = EtcdCluster.open(small.settings("full/", Duration.ofSeconds(5)))) {
        Value large = new Value("x/y", Bytes.wrap(new byte[1024 * 1024]));
        assertThatThrownBy(
                () -> {
                  // etcd knows its size only from when it last wrote its file.
                  for (int i = 0; i < 400; i++) {
                    full.put(Key.of("k" + i), large).join();
                  }
                })
            .hasCauseInstanceOf(StoreFailure.DiskFull.class)
            .hasMessageContaining("--quota-backend-bytes");
        assertThat(full.get(Key.of("k0"))).isPresent();
        assertThat(full.delete(Key.of("k0")).join()).isTrue();
      }
    }
  }
}
