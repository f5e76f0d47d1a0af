package io.cloudraft.kvs.service.engine.rocksdb;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.cloudraft.kvs.service.engine.rocksdb.DiskTrace.Operation;
import io.cloudraft.kvs.service.engine.rocksdb.DiskTrace.Request;
import io.cloudraft.kvs.service.store.BackupFailure;
import io.cloudraft.kvs.service.store.Backups;
import io.cloudraft.kvs.service.store.Bytes;
import io.cloudraft.kvs.service.store.Change;
import io.cloudraft.kvs.service.store.Entry;
import io.cloudraft.kvs.service.store.Key;
import io.cloudraft.kvs.service.store.Page;
import io.cloudraft.kvs.service.store.Revision;
import io.cloudraft.kvs.service.store.Scan;
import io.cloudraft.kvs.service.store.StoreCannotOpen;
import io.cloudraft.kvs.service.store.StoreFailure;
import io.cloudraft.kvs.service.store.Value;
import io.cloudraft.kvs.service.store.Watch;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.NavigableMap;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.slf4j.LoggerFactory;

/**
 * Cuts the power at random points of a random workload: dev/powercut/check runs it.
 *
 * <p>A process works on a store for some seconds, while all that it asks of the disk is recorded,
 * and what it acknowledged as well. For any point of the record it is then known what a disk could
 * hold if the power had gone there. The store is opened on that, and has to be as it was after the
 * last transaction that was acknowledged, or after a later one. The next process goes on from one
 * of these.
 */
@Tag("powercut")
class PowerCutTest {
  private static final int CUTS = Integer.getInteger("cuts", 400);
  private static final int CUTS_OF_A_LIFE = 40;
  private static final Path RECORDER = Path.of(System.getProperty("recorder", "recorder.so"));
  private static final Path HOME = Path.of(System.getProperty("disks", "target/disks"));

  private final long seed = Long.getLong("seed", new Random().nextLong());
  private final Random random = new Random(seed);

  /** Those that were made and not dropped. */
  private final Set<Integer> backups = new TreeSet<>();

  /** What was found after a cut is not what was acknowledged. */
  private static final class Loss extends Exception {
    Loss(String what) {
      super(what);
    }
  }

  @BeforeAll
  static void quieten() {
    ((Logger) LoggerFactory.getLogger(LogFile.class)).setLevel(Level.ERROR);
  }

  @BeforeEach
  void clear() throws IOException {
    backups.clear();
    FileTree.delete(HOME);
    Files.createDirectories(HOME);
  }

  @Test
  void losesNothingThatWasAcknowledged() throws Exception {
    Ledger ledger = new Ledger(new TreeMap<>());
    Path root = Files.createDirectories(HOME.resolve("life-0"));
    int lives = Math.ceilDiv(CUTS, CUTS_OF_A_LIFE);
    for (int life = 0; life < lives; life++) {
      Path next = HOME.resolve("life-" + (life + 1));
      List<String> losses = new ArrayList<>();
      Life lived = new Life(root, life, ledger, path -> false);
      lived.run("synced");
      Revision goesOnFrom = lived.cuts(next, losses);
      assertThat(losses).as("seed %d, life %d", seed, life).isEmpty();
      ledger.forgetAfter(goesOnFrom);
      FileTree.delete(root);
      root = next;
      System.out.printf(
          "%d of %d cuts, and nothing lost; the store is at revision %d%n",
          (life + 1) * CUTS_OF_A_LIFE, lives * CUTS_OF_A_LIFE, goesOnFrom.number());
    }
  }

  /** The sample of format 1 is brought up to date, and then worked on. */
  @Test
  void losesNothingOfAnOlderFormat() throws Exception {
    Path sample = HOME.resolve("sample");
    Samples.unpackFormat1(sample);
    Ledger ledger = new Ledger(entries(sample));
    Path root = HOME.resolve("life-0");
    Samples.unpackFormat1(root.resolve("data"));
    List<String> losses = new ArrayList<>();
    Life life = new Life(root, 0, ledger, path -> false);
    life.run("synced");
    life.cuts(HOME.resolve("next"), losses);
    assertThat(losses).as("seed %d", seed).isEmpty();
  }

  private static NavigableMap<Key, Entry> entries(Path data) {
    try (RocksDbStore store = Stores.open(data)) {
      return entries(store);
    }
  }

  private static NavigableMap<Key, Entry> entries(RocksDbStore store) {
    NavigableMap<Key, Entry> found = new TreeMap<>();
    try (Scan scan = store.scan(Bytes.EMPTY, Bytes.EMPTY)) {
      for (Optional<Page.Item> item = scan.next(); item.isPresent(); item = scan.next()) {
        found.put(item.get().key(), item.get().entry().orElseThrow());
      }
    }
    return found;
  }

  private Life firstLife(Predicate<Path> ignoredSyncs) throws IOException {
    return new Life(
        Files.createDirectories(HOME.resolve("life-0")),
        0,
        new Ledger(new TreeMap<>()),
        ignoredSyncs);
  }

  /** Or the test would be worth nothing. */
  @Test
  void noticesAStoreThatDoesNotSync() throws Exception {
    Life life = firstLife(path -> false);
    life.run("unsynced");
    List<String> losses = new ArrayList<>();
    life.cuts(HOME.resolve("next"), losses);
    System.out.println("without sync, noticed: " + losses.size() + " of " + CUTS_OF_A_LIFE);
    assertThat(losses).isNotEmpty();
  }

  /** Each kind of sync is needed, and the test would notice if it were forgotten. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        ".*\\.log",
        ".*\\.sst",
        ".*/MANIFEST-.*",
        ".*/rocksdb",
        ".*/data",
        ".*/backups/.*"
      })
  void noticesADiskThatDoesNotSync(String paths) throws Exception {
    List<String> losses = new ArrayList<>();
    for (int i = 0; i < 3 && losses.isEmpty(); i++) {
      clear();
      Life life = firstLife(path -> path.toString().matches(paths));
      life.run("synced");
      life.cuts(HOME.resolve("next"), losses);
    }
    System.out.println("no sync of " + paths + ", noticed: " + losses.size());
    assertThat(losses).isNotEmpty();
  }

  /** A process from its start to its end. */
  private final class Life {
    private final Path root;
    private final int number;
    private final Ledger ledger;
    private final Path trace;
    private final SimulatedDisk disk;

    Life(Path root, int number, Ledger ledger, Predicate<Path> ignoredSyncs) throws IOException {
      this.root = root;
      this.number = number;
      this.ledger = ledger;
      this.trace = HOME.resolve("trace-" + number);
      this.disk = new SimulatedDisk(root, ignoredSyncs);
    }

    void run(String mode) throws IOException, InterruptedException {
      ProcessBuilder builder =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "--enable-native-access=ALL-UNNAMED",
                  "-XX:TieredStopAtLevel=1",
                  "-cp",
                  System.getProperty("java.class.path"),
                  PowerCutWorkload.class.getName(),
                  root.resolve("data").toString(),
                  root.resolve("journal").toString(),
                  Long.toString(random.nextLong()),
                  Integer.toString(number),
                  mode)
              .inheritIO();
      builder.environment().put("LD_PRELOAD", RECORDER.toString());
      builder.environment().put("DISK_ROOT", root.toString());
      builder.environment().put("DISK_TRACE", trace.toString());
      assertThat(builder.start().waitFor()).as("exit code of the workload").isZero();
    }

    /**
     * @param next where what one of the cuts leaves is kept
     * @return the revision of that
     */
    Revision cuts(Path next, List<String> losses) throws Exception {
      List<Request> requests = DiskTrace.read(trace);
      NavigableMap<Integer, String> notes = notes(requests);
      notes.values().forEach(ledger::add);
      Set<Integer> points = points(requests);
      int kept = List.copyOf(points).get(random.nextInt(points.size()));
      Revision goesOnFrom = Revision.NONE;
      Set<Integer> backupsLeft = Set.of();
      long known = 0;
      for (int i = 0; i < requests.size(); i++) {
        Request request = requests.get(i);
        disk.apply(request);
        if (notes.containsKey(i)) {
          known = Math.max(known, Ledger.revision(notes.get(i)));
          Ledger.follow(backups, notes.get(i));
        }
        if (points.contains(i)) {
          long cutSeed = random.nextLong();
          Path cut = HOME.resolve("cut");
          FileTree.delete(cut);
          disk.cut(cut, new Random(cutSeed));
          try {
            Revision found = verify(cut.resolve("data"), known);
            if (i == kept) {
              goesOnFrom = found;
              backupsLeft = Set.copyOf(backups);
              disk.cut(next, new Random(cutSeed));
              Files.deleteIfExists(next.resolve("journal"));
            }
          } catch (Loss e) {
            losses.add(
                "after request %d of %d, %s, at least at %d: %s"
                    .formatted(i, requests.size(), request.operation(), known, e.getMessage()));
          }
        }
      }
      disk.assertIsLike(root);
      Files.delete(trace);
      backups.retainAll(backupsLeft);
      backups.addAll(backupsLeft);
      return goesOnFrom;
    }

    /** The lines that were noted down, each under the request that wrote the last of it. */
    private NavigableMap<Integer, String> notes(List<Request> requests) {
      NavigableMap<Integer, String> notes = new TreeMap<>();
      long journal = 0;
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < requests.size(); i++) {
        Request request = requests.get(i);
        if (request.operation() == Operation.CREATE && request.path().endsWith("journal")) {
          journal = request.inode();
        } else if (request.operation() == Operation.WRITE && request.inode() == journal) {
          line.append(new String(request.content(), UTF_8));
          if (line.charAt(line.length() - 1) == '\n') {
            notes.put(i, line.toString().strip());
            line.setLength(0);
          }
        }
      }
      return notes;
    }

    /** Half of them anywhere, half of them where more happens than that something is written. */
    private Set<Integer> points(List<Request> requests) {
      List<Integer> rare = new ArrayList<>();
      for (int i = 0; i < requests.size(); i++) {
        Operation operation = requests.get(i).operation();
        if (operation != Operation.WRITE && operation != Operation.SYNC) {
          rare.add(i);
        }
      }
      Set<Integer> points = new HashSet<>();
      while (points.size() < CUTS_OF_A_LIFE) {
        points.add(
            random.nextBoolean()
                ? rare.get(random.nextInt(rare.size()))
                : random.nextInt(requests.size()));
      }
      return points;
    }

    /** Compares everything with what was acknowledged, and answers up to where it has come. */
    private Revision verify(Path data, long known) throws Loss, InterruptedException {
      try {
        Database database =
            Database.open(new DataDirectory(data), PowerCutWorkload.MEMORY, Duration.ZERO);
        try (RocksDbStore store =
            RocksDbStore.open(
                data,
                database,
                database::writeSynced,
                Stores.UNLIMITED_SPACE,
                Stores.UNLIMITED,
                () -> Instant.EPOCH,
                new SimpleMeterRegistry())) {
          Revision revision = store.revision();
          long acknowledged = known;
          require(
              revision.number() >= known,
              () -> "it is at %s, and %d was acknowledged".formatted(revision, acknowledged));
          verifyEntries(store, database, ledger.at(revision));
          verifyHistory(store, revision);
          verifyBackups(store, data);
          Revision next = store.put(Key.of("next"), Value.text("")).join();
          require(next.equals(revision.next()), () -> "%s follows on %s".formatted(next, revision));
          return revision;
        }
      } catch (StoreCannotOpen | StoreFailure | RocksDBException | NoSuchElementException e) {
        throw new Loss(e.toString());
      }
    }

    private void verifyEntries(
        RocksDbStore store, Database database, NavigableMap<Key, Entry> expected)
        throws Loss, RocksDBException {
      NavigableMap<Key, Entry> found = entries(store);
      Set<Key> lost = new TreeSet<>(expected.keySet());
      lost.removeAll(found.keySet());
      require(lost.isEmpty(), () -> "without the keys " + lost);
      Set<Key> back = new TreeSet<>(found.keySet());
      back.removeAll(expected.keySet());
      require(back.isEmpty(), () -> "with the keys " + back);
      for (Key key : expected.keySet()) {
        require(
            expected.get(key).equals(found.get(key)), () -> "another entry of %s".formatted(key));
      }
      require(
          store.count() == expected.size(),
          () -> "%d keys counted, not %d".formatted(store.count(), expected.size()));
      List<Key> reversed = new ArrayList<>();
      List<Key> expiring = new ArrayList<>();
      try (ReadOptions options = new ReadOptions();
          RocksIterator byEnd = database.walkReversed(options);
          RocksIterator byDeadline = database.walkExpiring()) {
        for (byEnd.seekToFirst(); byEnd.isValid(); byEnd.next()) {
          reversed.add(new Key(Bytes.wrap(byEnd.key()).reversed()));
        }
        byEnd.status();
        for (byDeadline.seekToFirst(); byDeadline.isValid(); byDeadline.next()) {
          Key key = ExpiryIndex.key(byDeadline.key());
          Instant deadline = ExpiryIndex.deadline(byDeadline.key());
          Entry entry = expected.get(key);
          require(
              entry != null && entry.metadata().expires().equals(Optional.of(deadline)),
              () -> "%s expires at %s".formatted(key, deadline));
          expiring.add(key);
        }
        byDeadline.status();
      }
      require(
          List.copyOf(expected.keySet()).equals(reversed.stream().sorted().toList()),
          () -> "reversed keys %s".formatted(reversed));
      long deadlines =
          expected.values().stream().filter(e -> e.metadata().expires().isPresent()).count();
      require(
          expiring.size() == deadlines,
          () -> "%d keys expire, not %d".formatted(expiring.size(), deadlines));
    }

    private void verifyHistory(RocksDbStore store, Revision revision)
        throws Loss, InterruptedException {
      Revision oldest = oldest(store);
      List<Change> expected = ledger.changes(oldest, revision);
      List<Change> found = new ArrayList<>();
      try (Watch watch = store.watch(Bytes.EMPTY, Bytes.EMPTY, oldest)) {
        List<Change> some = watch.next(Duration.ZERO);
        while (!some.isEmpty()) {
          found.addAll(some);
          some = watch.next(Duration.ZERO);
        }
      }
      require(
          found.equals(expected),
          () -> "a history of %d changes, not %d".formatted(found.size(), expected.size()));
    }

    private void verifyBackups(RocksDbStore store, Path data) throws Loss {
      if (!backups.isEmpty()) {
        Backups found =
            new RocksDbBackups(store, data, data.resolve("backups"), new SimpleMeterRegistry());
        Set<Integer> listed = new TreeSet<>();
        found.list().backups().forEach(backup -> listed.add(backup.id()));
        require(
            listed.containsAll(backups),
            () -> "backups %s are listed, not %s".formatted(listed, backups));
        try {
          found.verify(backups.iterator().next(), progress -> {});
        } catch (BackupFailure failure) {
          throw new Loss(failure.toString());
        }
      }
    }

    private static Revision oldest(RocksDbStore store) {
      try (Watch _ = store.watch(Bytes.EMPTY, Bytes.EMPTY, Revision.NONE)) {
        return Revision.NONE;
      } catch (StoreFailure.Compacted e) {
        return new Revision(e.oldest().number() - 1);
      }
    }

    private static void require(boolean holds, Supplier<String> otherwise) throws Loss {
      if (!holds) {
        throw new Loss(otherwise.get());
      }
    }
  }
}
