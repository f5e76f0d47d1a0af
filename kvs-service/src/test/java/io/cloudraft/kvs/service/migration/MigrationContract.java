package io.cloudraft.kvs.service.migration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cloudraft.kvs.service.TestService;
import io.cloudraft.kvs.service.store.Bytes;
import io.cloudraft.kvs.service.store.Entry;
import io.cloudraft.kvs.service.store.Freeze;
import io.cloudraft.kvs.service.store.Key;
import io.cloudraft.kvs.service.store.KeyValueStore;
import io.cloudraft.kvs.service.store.Operation;
import io.cloudraft.kvs.service.store.Page;
import io.cloudraft.kvs.service.store.Revision;
import io.cloudraft.kvs.service.store.Scan;
import io.cloudraft.kvs.service.store.Search;
import io.cloudraft.kvs.service.store.StoreFailure;
import io.cloudraft.kvs.service.store.Transaction;
import io.cloudraft.kvs.service.store.Value;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is promised of the way from one store to another, whatever the engines are. */
abstract class MigrationContract {
  private static final String FIRST_REVISION = "--kvs.first-revision=1000000000000";
  private static final Migration.Progress SILENT = _ -> {};
  private static final int PRELOADED = 3500;
  private static final int WRITERS = 4;
  private static final Duration BETWEEN_WRITES = Duration.ofMillis(1);

  @TempDir Path sourceDirectory;
  @TempDir Path targetDirectory;

  /** All of them are the same store. */
  private List<KeyValueStore> replicas = List.of();

  private TestService service;
  private KeyValueStore target;

  /** A store that is empty, as often as it has replicas. */
  abstract List<KeyValueStore> openSource();

  /** What makes the service have the engine that the store is moved to. */
  abstract List<String> settingsOfTarget();

  @BeforeEach
  void open() {
    replicas = openSource();
    service = startTarget(FIRST_REVISION);
    target = service.bean(KeyValueStore.class);
  }

  private TestService startTarget(String... more) {
    List<String> settings = new ArrayList<>(settingsOfTarget());
    settings.addAll(List.of(more));
    return TestService.start(targetDirectory, null, settings.toArray(String[]::new));
  }

  @AfterEach
  void close() {
    replicas.forEach(KeyValueStore::close);
    service.close();
  }

  private KeyValueStore source() {
    return replicas.getFirst();
  }

  private static String url(TestService service) {
    return "http://localhost:" + service.port();
  }

  private Migration migration(boolean replace, Migration.Progress progress) {
    return new Migration(source(), Target.at(url(service), Optional.empty()), replace, progress);
  }

  private record Kept(Value value, Optional<Instant> expires) {}

  private static Map<Key, Kept> contents(KeyValueStore store) {
    Map<Key, Kept> all = new TreeMap<>();
    try (Scan scan = store.scan(Bytes.EMPTY, Bytes.EMPTY)) {
      for (Optional<Page.Item> next = scan.next(); next.isPresent(); next = scan.next()) {
        Entry entry = next.get().entry().orElseThrow();
        all.put(next.get().key(), new Kept(entry.value(), entry.metadata().expires()));
      }
    }
    return all;
  }

  private void preload(int keys) {
    Random random = new Random(keys);
    List<Operation> puts = new ArrayList<>();
    for (int i = 0; i < keys; i++) {
      byte[] bytes = new byte[random.nextInt(600)];
      random.nextBytes(bytes);
      puts.add(
          new Operation.Put(
              Key.of("%s-%05d/ü%%".formatted(Integer.toHexString(i * 7919), i)),
              i % 3 == 0
                  ? Value.text("value \"%d\"\n".formatted(i))
                  : new Value("image/x-" + i % 5, Bytes.wrap(bytes)),
              i % 10 == 0 ? Optional.of(later(random)) : Optional.empty()));
      if (puts.size() == 20) {
        source().commit(new Transaction(List.of(), puts, List.of())).join();
        puts.clear();
      }
    }
    source().commit(new Transaction(List.of(), puts, List.of())).join();
  }

  private static Instant later(Random random) {
    return Instant.now().plusSeconds(3600 + random.nextInt(1000)).truncatedTo(ChronoUnit.MILLIS);
  }

  /** Writes to keys of its own until the store is frozen, and knows what was acknowledged. */
  private static final class Writer implements Runnable {
    private static final int KEYS = 150;

    private final int number;
    private final List<KeyValueStore> replicas;
    private final Random random;
    private final Map<Key, Kept> acknowledged = new TreeMap<>();
    private final AtomicInteger writes;
    private volatile boolean stopped;

    Writer(int number, List<KeyValueStore> replicas, AtomicInteger writes) {
      this.number = number;
      this.replicas = replicas;
      this.random = new Random(number);
      this.writes = writes;
    }

    /** Some are in front of all other keys, some behind, so that the copy passes them. */
    private Key key() {
      return Key.of(
          "%s%d-%d".formatted(random.nextBoolean() ? "!" : "~", number, random.nextInt(KEYS)));
    }

    private Operation.Put put(Key key) {
      Value value = new Value("text/x", Bytes.utf8("of " + random.nextLong()));
      return new Operation.Put(
          key, value, random.nextInt(4) == 0 ? Optional.of(later(random)) : Optional.empty());
    }

    @Override
    public void run() {
      try {
        while (!stopped) {
          List<Operation> operations = new ArrayList<>();
          Key one = key();
          Key other = key();
          operations.add(random.nextInt(3) == 0 ? new Operation.Delete(one) : put(one));
          if (!one.equals(other) && random.nextInt(5) == 0) {
            operations.add(put(other));
          }
          replicas
              .get(random.nextInt(replicas.size()))
              .commit(new Transaction(List.of(), operations, List.of()))
              .join();
          writes.incrementAndGet();
          for (Operation operation : operations) {
            if (operation instanceof Operation.Put put) {
              acknowledged.put(put.key(), new Kept(put.value(), put.expires()));
            } else {
              acknowledged.remove(operation.key());
            }
          }
          // A target that is slower than all who write would never catch up.
          LockSupport.parkNanos(BETWEEN_WRITES.toNanos());
        }
      } catch (CompletionException e) {
        if (!(e.getCause() instanceof StoreFailure.Frozen)) {
          throw e;
        }
      }
    }
  }

  @Test
  void movesAllThatWasAcknowledgedWhileOthersWrite() throws Exception {
    preload(PRELOADED);
    Map<Key, Kept> expected = contents(source());
    assertThat(expected).hasSize(PRELOADED);
    AtomicInteger writes = new AtomicInteger();
    List<Writer> writers =
        IntStream.range(0, WRITERS).mapToObj(i -> new Writer(i, replicas, writes)).toList();
    try (ExecutorService threads = Executors.newFixedThreadPool(WRITERS)) {
      List<? extends Future<?>> ends = writers.stream().map(threads::submit).toList();
      try {
        Awaitility.await().until(() -> writes.get() > 200);
        int before = writes.get();

        List<String> told = new ArrayList<>();
        Migration.Report report = migration(false, told::add).run();

        for (Future<?> end : ends) {
          end.get();
        }
        assertThat(writes.get()).as("written meanwhile").isGreaterThan(before + 50);
        writers.forEach(writer -> expected.putAll(writer.acknowledged));
        assertThat(report.keys()).isEqualTo(expected.size());
        assertThat(told).contains("writes are refused from now on");
      } finally {
        writers.forEach(writer -> writer.stopped = true);
      }
    }
    assertThat(contents(target)).isEqualTo(expected);
    assertThat(contents(source())).isEqualTo(expected);
    assertThat(target.revision()).isGreaterThan(new Revision(1_000_000_000_000L));
    for (KeyValueStore replica : replicas) {
      assertThat(replica.frozen()).map(Freeze::moved).contains(true);
    }
  }

  /** What clients know of the former store must not mean anything else in this one. */
  @Test
  void revisionsOfTheFormerStoreAreThoseOfAPastThatIsGone() {
    Revision first = new Revision(1_000_000_000_000L);
    assertThat(target.revision()).isEqualTo(first);
    assertThat(target.search(Search.keys(Bytes.EMPTY, Bytes.EMPTY, Optional.empty(), 1)).revision())
        .isEqualTo(first);
    assertThatThrownBy(() -> target.watch(Bytes.EMPTY, Bytes.EMPTY, new Revision(5)))
        .isInstanceOfSatisfying(
            StoreFailure.Compacted.class,
            compacted -> assertThat(compacted.oldest()).isEqualTo(first.next()));
    assertThat(target.put(Key.of("a"), Value.text("1")).join()).isEqualTo(first.next());
    target.watch(Bytes.EMPTY, Bytes.EMPTY, first).close();
  }

  @Test
  void leavesBehindWhatExpiresMeanwhile() throws Exception {
    for (int i = 0; i < 50; i++) {
      Instant soon = Instant.now().plusMillis(100L + 40L * i);
      source()
          .commit(
              Transaction.of(
                  new Operation.Put(Key.of("k" + i), Value.text("x"), Optional.of(soon))))
          .join();
    }
    source().put(Key.of("stays"), Value.text("x")).join();

    migration(false, SILENT).run();

    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(() -> assertThat(contents(target)).containsOnlyKeys(Key.of("stays")));
  }

  /** Each sentence is told at another point of the way. */
  @ParameterizedTest
  @ValueSource(strings = {"copied", "caught up", "writes are refused"})
  void goesOnAsBeforeWhereItIsInterruptedAndCanBeBegunAgain(String point) throws Exception {
    preload(200);
    Key key = Key.of("key");
    source().put(key, Value.text("1")).join();

    Migration interrupted =
        migration(
            false,
            sentence -> {
              if (sentence.startsWith(point)) {
                throw new MigrationFailure("nobody listens");
              }
            });
    assertThatThrownBy(interrupted::run).hasMessage("nobody listens");

    assertThat(source().frozen()).isEmpty();
    source().put(key, Value.text("2")).join();
    source().delete(Key.of("0-00000/ü%")).join();
    assertThatThrownBy(migration(false, SILENT)::run).hasMessageContaining("--replace");
    migration(true, SILENT).run();
    assertThat(contents(target)).isEqualTo(contents(source()));
    assertThat(target.get(key).orElseThrow().value()).isEqualTo(Value.text("2"));
  }

  @Test
  void findsWhatSomebodyElseWritesToTheTarget() {
    preload(100);
    for (Key key : List.of(Key.of("!"), contents(source()).keySet().iterator().next())) {
      Migration disturbed =
          migration(
              true,
              sentence -> {
                if (sentence.startsWith("writes are refused")) {
                  target.put(key, Value.text("of somebody else")).join();
                }
              });

      assertThatThrownBy(disturbed::run).hasMessageContaining("the key \"" + key + "\" ");

      source().put(Key.of("taken"), Value.text("again")).join();
    }
  }

  @Test
  void refusesATargetThatWouldConfuseClients() {
    preload(10);
    service.close();
    service = TestService.start(targetDirectory.resolve("another"), null);

    assertThatThrownBy(migration(true, SILENT)::run)
        .hasMessageContaining("KVS_FIRST_REVISION=1000000000000");
    assertThat(source().frozen()).isEmpty();
  }

  @Test
  void isNotMovedToItself() {
    preload(10);
    try (TestService itself = TestService.start(targetDirectory.resolve("itself"), source())) {
      assertThatThrownBy(
              new Migration(source(), Target.at(url(itself), Optional.empty()), true, SILENT)::run)
          .hasMessageContaining("KVS_FIRST_REVISION");
      assertThat(source().count()).isEqualTo(10);
    }
  }

  @Test
  void isMovedOnce() throws Exception {
    preload(10);
    migration(false, SILENT).run();

    assertThatThrownBy(migration(true, SILENT)::run).hasMessageContaining("was moved to http");
    assertThat(target.count()).isEqualTo(10);
  }

  @Test
  void takesUpWhatAnEarlierAttemptLeftFrozen() throws Exception {
    preload(10);
    source()
        .freeze(Optional.empty(), Optional.of(new Freeze("killed", "http://other", false)))
        .join();

    migration(false, SILENT).run();

    assertThat(contents(target)).isEqualTo(contents(source()));
  }

  @Test
  void stopsWithoutHarmWhenSomebodyElseLiftsTheFreeze() {
    preload(10);
    Migration overtaken =
        migration(
            false,
            sentence -> {
              if (sentence.startsWith("writes are refused")) {
                source().freeze(source().frozen(), Optional.empty()).join();
                source().put(Key.of("later"), Value.text("1")).join();
              }
            });

    assertThatThrownBy(overtaken::run).isInstanceOf(MigrationFailure.class);

    assertThat(source().frozen()).isEmpty();
    source().put(Key.of("later"), Value.text("2")).join();
  }
}
