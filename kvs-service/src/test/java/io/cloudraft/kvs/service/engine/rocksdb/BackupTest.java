package io.cloudraft.kvs.service.engine.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.cloudraft.kvs.service.store.Backup;
import io.cloudraft.kvs.service.store.BackupFailure;
import io.cloudraft.kvs.service.store.Backups;
import io.cloudraft.kvs.service.store.Bytes;
import io.cloudraft.kvs.service.store.Key;
import io.cloudraft.kvs.service.store.Operation;
import io.cloudraft.kvs.service.store.Outcome;
import io.cloudraft.kvs.service.store.Revision;
import io.cloudraft.kvs.service.store.Search;
import io.cloudraft.kvs.service.store.StoreFailure;
import io.cloudraft.kvs.service.store.Transaction;
import io.cloudraft.kvs.service.store.Value;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.RocksDBException;

class BackupTest {
  private static final int WRITERS = 8;
  private static final long PLENTY = 1L << 50;

  @TempDir Path parent;
  private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();

  private static void silent(String progress) {}

  private Path data() {
    return parent.resolve("data");
  }

  private Path backupDirectory() {
    return parent.resolve("backups");
  }

  private RocksDbBackups backups(RocksDbStore store) {
    return backups(store, path -> PLENTY);
  }

  private RocksDbBackups backups(RocksDbStore store, RocksDbBackups.FreeSpace freeSpace) {
    return new RocksDbBackups(store, data(), backupDirectory(), metrics, freeSpace);
  }

  /** As the service is started. */
  private RocksDbStore start() {
    RocksDbBackups.restoreIfRequested(data(), Duration.ZERO);
    return Stores.open(data());
  }

  private static void put(RocksDbStore store, String... keys) {
    for (String key : keys) {
      store.put(Key.of(key), Value.text(key)).join();
    }
  }

  private static List<String> keys(RocksDbStore store) {
    return store
        .search(Search.keys(Bytes.EMPTY, Bytes.EMPTY, Optional.empty(), Integer.MAX_VALUE - 1))
        .keys()
        .stream()
        .map(BackupTest::text)
        .toList();
  }

  private static String text(Key key) {
    return new String(key.bytes().array(), StandardCharsets.UTF_8);
  }

  /** What the writers did, by revision: a value, or nothing for a deletion. */
  private record Acknowledged(Key key, Optional<Value> value) {}

  @Test
  void isTheStoreAtItsRevisionHoweverManyWriteMeanwhile() throws Exception {
    SortedMap<Revision, Acknowledged> log = new ConcurrentSkipListMap<>();
    List<Backup> made = new ArrayList<>();
    try (RocksDbStore store = Stores.open(data());
        ExecutorService writers = Executors.newFixedThreadPool(WRITERS)) {
      RocksDbBackups backups = backups(store);
      AtomicBoolean stop = new AtomicBoolean();
      List<Future<?>> ends = new ArrayList<>();
      for (int writer = 0; writer < WRITERS; writer++) {
        ends.add(writers.submit(() -> write(store, log, stop)));
      }
      for (int round = 1; round <= 3; round++) {
        int enough = 1000 * round;
        await().atMost(Duration.ofMinutes(1)).until(() -> log.size() >= enough);
        made.add(backups.create(BackupTest::silent));
      }
      int size = log.size();
      await().atMost(Duration.ofMinutes(1)).until(() -> log.size() >= size + 500);
      stop.set(true);
      for (Future<?> end : ends) {
        end.get();
      }
      assertThat(backups.list().backups()).isEqualTo(made);
    }

    for (Backup backup : made) {
      Revision newest;
      try (RocksDbStore store = Stores.open(data())) {
        newest = store.revision();
        assertThat(backups(store).restore(backup.id(), BackupTest::silent)).isEqualTo(backup);
      }
      try (RocksDbStore store = start()) {
        assertIs(store, modelAt(backup.revision(), log));
        assertThat(store.count()).isEqualTo(backup.keys());
        assertThat(store.put(Key.of("next"), Value.text("")).join())
            .as("no revision is handed out twice")
            .isGreaterThan(newest);
      }
    }
    assertThat(made).extracting(Backup::revision).isSorted().doesNotHaveDuplicates();
  }

  private static void write(
      RocksDbStore store, SortedMap<Revision, Acknowledged> log, AtomicBoolean stop) {
    Random random = new Random();
    while (!stop.get()) {
      Key key = Key.of("key-" + random.nextInt(500));
      Optional<Value> value =
          random.nextInt(4) == 0
              ? Optional.empty()
              : Optional.of(Value.text("v".repeat(random.nextInt(2000))));
      Operation operation =
          value.isPresent() ? new Operation.Put(key, value.get()) : new Operation.Delete(key);
      Outcome outcome = store.commit(Transaction.of(operation)).join();
      if (!outcome.results().contains(new Outcome.Result.Deleted(false))) {
        log.put(outcome.revision(), new Acknowledged(key, value));
      }
    }
  }

  private static SortedMap<Key, Value> modelAt(
      Revision revision, SortedMap<Revision, Acknowledged> log) {
    SortedMap<Key, Value> model = new TreeMap<>();
    SortedMap<Revision, Acknowledged> upTo = log.headMap(revision.next());
    assertThat((long) upTo.size()).as("revisions have no gaps").isEqualTo(revision.number());
    upTo.values()
        .forEach(
            change ->
                change
                    .value()
                    .ifPresentOrElse(
                        value -> model.put(change.key(), value), () -> model.remove(change.key())));
    return model;
  }

  private static void assertIs(RocksDbStore store, SortedMap<Key, Value> model) {
    assertThat(keys(store)).isEqualTo(model.keySet().stream().map(BackupTest::text).toList());
    model.forEach(
        (key, value) -> assertThat(store.get(key).orElseThrow().value()).isEqualTo(value));
  }

  @Test
  void copiesWhatIsNewSinceTheOneBefore() throws IOException {
    try (RocksDbStore store = Stores.open(data())) {
      RocksDbBackups backups = backups(store);
      byte[] incompressible = new byte[1_000_000];
      new Random(1).nextBytes(incompressible);
      store
          .put(Key.of("large"), new Value("application/octet-stream", Bytes.wrap(incompressible)))
          .join();
      Backup first = backups.create(BackupTest::silent);
      long before = FileTree.size(backupDirectory());
      put(store, "small");
      Backup second = backups.create(BackupTest::silent);

      assertThat(first.bytes()).isGreaterThan(1_000_000);
      assertThat(second.bytes()).isGreaterThan(1_000_000);
      assertThat(FileTree.size(backupDirectory()) - before).isLessThan(100_000);
    }
  }

  @Test
  void takesAWatchOfBeforeNoFurther() {
    Revision beforeBackup;
    Revision afterBackup;
    try (RocksDbStore store = Stores.open(data())) {
      put(store, "a", "b");
      beforeBackup = store.revision();
      RocksDbBackups backups = backups(store);
      Backup backup = backups.create(BackupTest::silent);
      put(store, "c");
      afterBackup = store.revision();
      backups.restore(backup.id(), BackupTest::silent);
      backups.delete(backup.id());
    }
    try (RocksDbStore store = start()) {
      assertThat(keys(store)).containsExactly("a", "b");
      for (Revision seen : List.of(Revision.NONE, beforeBackup, afterBackup)) {
        assertThatThrownBy(() -> store.watch(Bytes.EMPTY, Bytes.EMPTY, seen))
            .as("after %s", seen)
            .isInstanceOf(StoreFailure.Compacted.class);
      }
    }
  }

  @Test
  void isRefusedWhenAnyOfItsFilesIsDamaged() throws IOException {
    try (RocksDbStore store = Stores.open(data())) {
      put(store, "a", "b");
      RocksDbBackups backups = backups(store);
      int id = backups.create(BackupTest::silent).id();
      List<Path> files = backupFiles();
      assertThat(files).hasSizeGreaterThan(5);
      for (Path file : files) {
        byte[] whole = Files.readAllBytes(file);
        byte[] damaged = whole.length == 0 ? new byte[1] : whole.clone();
        damaged[damaged.length / 2] ^= 1;
        Files.write(file, damaged);
        assertThatThrownBy(() -> backups.verify(id, BackupTest::silent))
            .as("%s", file)
            .isInstanceOf(BackupFailure.class)
            .hasMessageStartingWith("Backup 1 is damaged")
            .hasMessageContaining("Delete it");
        assertThatThrownBy(() -> backups.restore(id, BackupTest::silent))
            .as("%s", file)
            .isInstanceOf(BackupFailure.class);
        assertThat(data().resolve("RESTORE")).doesNotExist();
        Files.write(file, whole);
      }
      assertThat(backups.verify(id, BackupTest::silent).keys()).isEqualTo(2);
    }
  }

  /** All but the list of files itself, which has no checksum. */
  private List<Path> backupFiles() throws IOException {
    try (Stream<Path> all = Files.walk(backupDirectory())) {
      return all.filter(Files::isRegularFile)
          .filter(file -> !file.startsWith(backupDirectory().resolve("meta")))
          .toList();
    }
  }

  @Test
  void whoseListOfFilesIsDamagedIsShownAndCanBeDeleted() throws IOException {
    try (RocksDbStore store = Stores.open(data())) {
      RocksDbBackups backups = backups(store);
      put(store, "a");
      backups.create(BackupTest::silent);
      put(store, "b");
      Backup whole = backups.create(BackupTest::silent);
      Files.writeString(backupDirectory().resolve("meta/1"), "nonsense");

      assertThat(backups.list()).isEqualTo(new Backups.Listing(List.of(whole), List.of(1)));
      assertThatThrownBy(() -> backups.verify(1, BackupTest::silent))
          .isInstanceOf(BackupFailure.class)
          .hasMessageContaining("Backup 1 is damaged");
      backups.delete(1);
      assertThat(backups.list()).isEqualTo(new Backups.Listing(List.of(whole), List.of()));
      assertThat(backups.verify(2, BackupTest::silent)).isEqualTo(whole);
    }
  }

  @Test
  void thatCannotBeCopiedLeavesTheDataAsItWas() throws IOException {
    try (RocksDbStore store = Stores.open(data())) {
      put(store, "a");
      RocksDbBackups backups = backups(store);
      int id = backups.create(BackupTest::silent).id();
      put(store, "b");
      // Where the note that the copy is whole is to be written.
      Path inTheWay = data().resolve("RESTORE.new");
      Files.createDirectories(inTheWay);
      assertThatThrownBy(() -> backups.restore(id, BackupTest::silent))
          .isInstanceOf(BackupFailure.class)
          .hasMessageStartingWith("Backup 1 will not be restored")
          .hasMessageContaining(inTheWay.toString());
      assertThat(data().resolve("restored")).doesNotExist();
      put(store, "c");
    }
    try (RocksDbStore store = start()) {
      assertThat(keys(store)).containsExactly("a", "b", "c");
      assertThat(store.revision()).isEqualTo(new Revision(3));
    }
  }

  @Test
  void thatDoesNotExistIsNamedBesideThoseThatDo() {
    try (RocksDbStore store = Stores.open(data())) {
      RocksDbBackups backups = backups(store);
      assertThatThrownBy(() -> backups.verify(7, BackupTest::silent))
          .isInstanceOf(BackupFailure.class)
          .hasMessageContaining("There is no backup 7")
          .hasMessageContaining("there is none at all");
      put(store, "a");
      backups.create(BackupTest::silent);
      put(store, "b");
      backups.create(BackupTest::silent);
      for (Runnable command :
          List.<Runnable>of(
              () -> backups.verify(7, BackupTest::silent),
              () -> backups.delete(7),
              () -> backups.restore(7, BackupTest::silent))) {
        assertThatThrownBy(command::run)
            .isInstanceOf(BackupFailure.class)
            .hasMessageContaining("There is no backup 7")
            .hasMessageContaining("there are: 1, 2");
      }
      assertThat(data().resolve("RESTORE")).doesNotExist();
    }
  }

  @Test
  void isNotMadeWhileAnotherOneIs() {
    try (RocksDbStore store = Stores.open(data());
        ExecutorService other = Executors.newSingleThreadExecutor()) {
      RocksDbBackups backups = backups(store);
      List<Throwable> refusals = new ArrayList<>();
      backups.create(
          sentence -> {
            try {
              other.submit(() -> backups.create(BackupTest::silent)).get();
            } catch (ExecutionException e) {
              refusals.add(e.getCause());
            } catch (InterruptedException e) {
              throw new IllegalStateException(e);
            }
          });

      assertThat(refusals)
          .isNotEmpty()
          .allSatisfy(
              refusal ->
                  assertThat(refusal)
                      .isInstanceOf(BackupFailure.class)
                      .hasMessageContaining("another backup command is at work"));
      assertThat(backups.list().backups()).hasSize(1);
      assertThat(backups.create(BackupTest::silent).id()).isEqualTo(2);
    }
  }

  @Test
  void leavesTheStoreRoomForItsWrites() {
    try (RocksDbStore store = Stores.open(data())) {
      put(store, "a");
      RocksDbBackups almostFull = backups(store, path -> 64L * 1024 * 1024);
      assertThatThrownBy(() -> almostFull.create(BackupTest::silent))
          .isInstanceOf(BackupFailure.class)
          .hasMessageContaining("KVS_BACKUP_DIRECTORY")
          .hasMessageContaining(backupDirectory().toString());
      assertThat(almostFull.list().backups()).isEmpty();

      int id = backups(store).create(BackupTest::silent).id();
      assertThatThrownBy(() -> almostFull.restore(id, BackupTest::silent))
          .isInstanceOf(BackupFailure.class)
          .hasMessageContaining("To restore backup 1 needs about");
      assertThat(data().resolve("RESTORE")).doesNotExist();
    }
  }

  /** Or the store would refuse puts because of it. */
  @Test
  void leavesAsMuchRoomAsPutsDo() {
    long floor = 200L * 1024 * 1024;
    DiskSpace space = new DiskSpace(data(), () -> Long.MAX_VALUE, floor);
    try (RocksDbStore store = Stores.open(data(), disk -> disk, space)) {
      put(store, "a");

      assertThatThrownBy(() -> backups(store, path -> floor).create(BackupTest::silent))
          .isInstanceOf(BackupFailure.class)
          .hasMessageContaining("leaves 210 MB");
    }
  }

  @Test
  void thatFailsIsGoneAndLeavesTheStoreAtWork() throws IOException {
    try (RocksDbStore store = Stores.open(data())) {
      put(store, "a");
      RocksDbBackups backups = backups(store);
      Files.createDirectories(backupDirectory());
      // Only met once the checkpoint was made.
      Path inTheWay = backupDirectory().resolve("private");
      Files.writeString(inTheWay, "not a directory");

      assertThatThrownBy(() -> backups.create(BackupTest::silent))
          .isInstanceOf(BackupFailure.class)
          .hasMessageStartingWith("No backup was made")
          .hasMessageContaining(backupDirectory().toString());
      assertThat(data().resolve("checkpoint")).doesNotExist();
      put(store, "b");
      Files.delete(inTheWay);
      assertThat(backups.create(BackupTest::silent).keys()).isEqualTo(2);
    }
  }

  @Test
  void thatAKilledProcessDidNotFinishTakesNoRoomAfterTheNextStart() throws IOException {
    Path checkpoint = data().resolve("checkpoint/rocksdb");
    Files.createDirectories(checkpoint);
    Files.writeString(checkpoint.resolve("000001.sst"), "left over");
    try (RocksDbStore store = Stores.open(data())) {
      assertThat(backups(store).list().backups()).isEmpty();
      assertThat(data().resolve("checkpoint")).doesNotExist();
    }
  }

  @Test
  void showsInMetricsHowManyThereAreAndHowOldTheNewestIs() {
    Instant start = Instant.now();
    try (RocksDbStore store = Stores.open(data())) {
      RocksDbBackups backups = backups(store);
      assertThat(metrics.get("kvs.backups").gauge().value()).isZero();
      assertThat(newest()).isZero();
      backups.create(BackupTest::silent);
      Backup second = backups.create(BackupTest::silent);
      assertThat(metrics.get("kvs.backups").gauge().value()).isEqualTo(2);
      assertThat(newest())
          .isEqualTo((double) second.time().getEpochSecond())
          .isGreaterThanOrEqualTo((double) start.getEpochSecond());
      backups.delete(1);
      assertThat(metrics.get("kvs.backups").gauge().value()).isEqualTo(1);
    }
  }

  private double newest() {
    return metrics.get("kvs.backup.last.success.timestamp").gauge().value();
  }

  private static final class Crash extends Error {}

  /** After each step the process may end: until the copy is whole nothing has happened. */
  @Test
  void isRestoredWhollyOrNotAtAllWhereverTheProcessEndsMeanwhile() throws Exception {
    try (RocksDbStore store = Stores.open(data())) {
      put(store, "a", "b");
      backups(store).create(BackupTest::silent);
    }
    List<String> steps = new ArrayList<>();
    for (boolean finished = false; !finished; ) {
      String newest = "of-round-" + steps.size();
      int crashAfter = steps.size() + 1;
      List<String> passed = new ArrayList<>();
      Restoration restoration =
          new Restoration(
              new DataDirectory(data()),
              step -> {
                passed.add(step);
                if (passed.size() == crashAfter) {
                  throw new Crash();
                }
              });
      Revision before;
      try (RocksDbStore store = Stores.open(data())) {
        put(store, newest);
        before = store.revision();
        finished = isPassed(restoration, store);
      }
      if (finished) {
        finished = isPassed(restoration);
      }
      if (!finished) {
        steps.add(passed.getLast());
      }

      boolean copied = passed.contains("the copy is declared whole");
      try (RocksDbStore store = start()) {
        backups(store);
        if (copied) {
          assertThat(keys(store)).as("after %s", passed).containsExactly("a", "b");
          assertThat(store.revision()).as("after %s", passed).isGreaterThan(before);
        } else {
          assertThat(keys(store)).as("after %s", passed).contains("a", "b", newest);
          assertThat(store.revision()).as("after %s", passed).isEqualTo(before);
        }
      }
      if (copied) {
        assertThat(keysOfReplaced()).as("set aside, after %s", passed).contains(newest);
      }
      assertThat(names(data()))
          .as("after %s", passed)
          .contains("FORMAT", "rocksdb")
          .isSubsetOf("FORMAT", "RESTORE.lock", "rocksdb", "rocksdb.replaced");
    }
    assertThat(steps).hasSize(8).doesNotHaveDuplicates();
  }

  private boolean isPassed(Restoration restoration, RocksDbStore store)
      throws RocksDBException, IOException {
    BackupDirectory directory = new BackupDirectory(backupDirectory());
    try {
      restoration.copy(directory, directory.find(1), store::revision);
      return true;
    } catch (Crash e) {
      return false;
    }
  }

  private static boolean isPassed(Restoration restoration) {
    try {
      restoration.exchangeIfNoted(Duration.ZERO);
      return true;
    } catch (Crash e) {
      return false;
    }
  }

  private List<String> keysOfReplaced() throws IOException {
    Path aside = parent.resolve("aside");
    FileTree.delete(aside);
    Files.createDirectories(aside.resolve("rocksdb"));
    try (Stream<Path> files = Files.list(data().resolve("rocksdb.replaced"))) {
      for (Path file : files.toList()) {
        Files.copy(file, aside.resolve("rocksdb").resolve(file.getFileName()));
      }
    }
    Files.copy(data().resolve("FORMAT"), aside.resolve("FORMAT"));
    try (RocksDbStore store = Stores.open(aside)) {
      return keys(store);
    }
  }

  private static List<String> names(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }

  @Test
  void isRestoredIntoAStoreThatIsNewHere() throws IOException {
    try (RocksDbStore store = Stores.open(data())) {
      put(store, "a");
      backups(store).create(BackupTest::silent);
    }
    Path former = parent.resolve("former");
    Files.move(data(), former);
    try (RocksDbStore store = Stores.open(data())) {
      assertThat(store.count()).isZero();
      backups(store).restore(1, BackupTest::silent);
    }
    try (RocksDbStore store = start()) {
      assertThat(keys(store)).containsExactly("a");
    }
  }
}
