package io.cloudraft.kvs.service.engine.rocksdb;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.cloudraft.kvs.service.store.Backup;
import io.cloudraft.kvs.service.store.Backups;
import io.cloudraft.kvs.service.store.Bytes;
import io.cloudraft.kvs.service.store.Change;
import io.cloudraft.kvs.service.store.Compare;
import io.cloudraft.kvs.service.store.Entry;
import io.cloudraft.kvs.service.store.Key;
import io.cloudraft.kvs.service.store.Operation;
import io.cloudraft.kvs.service.store.Outcome;
import io.cloudraft.kvs.service.store.Revision;
import io.cloudraft.kvs.service.store.StoreFailure;
import io.cloudraft.kvs.service.store.Transaction;
import io.cloudraft.kvs.service.store.Value;
import io.cloudraft.kvs.service.store.Watch;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.FileOutputStream;
import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.rocksdb.RocksIterator;
import org.rocksdb.WriteOptions;

/**
 * A process that does to a store what many clients do at the same time, and notes down in a file
 * what it was answered, as soon as it was: lines as {@link Ledger} reads them.
 */
final class PowerCutWorkload {
  /** So small that tables are written and compacted all the time. */
  static final MemoryBudget MEMORY = new MemoryBudget(8 << 20, 3 << 20, 0);

  private static final Instant START = Instant.parse("2030-01-01T00:00:00Z");
  private static final HistoryRetention HISTORY =
      new HistoryRetention(2 << 20, Duration.ofSeconds(60));
  private static final int WRITERS = 6;
  private static final int TRANSACTIONS = 900;
  private static final int KEYS = 400;

  /** A watch that is this much behind could lose a part of the history. */
  private static final int MAX_LAG = 10;

  private final FileOutputStream journal;
  private final long seed;
  private final AtomicInteger started = new AtomicInteger();
  private volatile Instant time;
  private volatile long told;

  private PowerCutWorkload(FileOutputStream journal, long seed, int life) {
    this.journal = journal;
    this.seed = seed;
    this.time = START.plusSeconds(1000L * life);
  }

  /**
   * Arguments: the directory of the store, the file for notes, a seed, which life it is, and
   * whether to sync.
   */
  public static void main(String[] args) throws Throwable {
    Path directory = Path.of(args[0]);
    Database database = Database.open(new DataDirectory(directory), MEMORY, Duration.ZERO);
    try (FileOutputStream journal = new FileOutputStream(args[1], true);
        WriteOptions unsynced = new WriteOptions()) {
      PowerCutWorkload workload =
          new PowerCutWorkload(journal, Long.parseLong(args[2]), Integer.parseInt(args[3]));
      RocksDbStore store =
          RocksDbStore.open(
              directory,
              database,
              args[4].equals("synced")
                  ? database::writeSynced
                  : batch -> database.rocks().write(unsynced, batch),
              Stores.UNLIMITED_SPACE,
              HISTORY,
              () -> workload.time,
              new SimpleMeterRegistry());
      workload.run(
          store,
          database,
          new RocksDbBackups(
              store, directory, directory.resolve("backups"), new SimpleMeterRegistry()));
      if (new Random(workload.seed).nextBoolean()) {
        store.close();
      }
      // Otherwise the process ends without a word to the store.
      end();
    }
  }

  /** At once: an exit takes RocksDB's own constants from a compaction that is under way. */
  @SuppressWarnings("restricted")
  private static void end() throws Throwable {
    Linker linker = Linker.nativeLinker();
    linker
        .downcallHandle(
            linker.defaultLookup().findOrThrow("_exit"),
            FunctionDescriptor.ofVoid(ValueLayout.JAVA_INT))
        .invokeExact(0);
  }

  private void run(RocksDbStore store, Database database, Backups backups) throws Exception {
    told = store.revision().number();
    Watch watch = store.watch(Bytes.EMPTY, Bytes.EMPTY, store.revision());
    Thread follower = start(() -> follow(watch));
    List<Thread> writers = new ArrayList<>();
    for (int w = 0; w < WRITERS; w++) {
      Random random = new Random(seed + w);
      writers.add(start(() -> write(store, random)));
    }
    writers.add(start(() -> save(store, backups)));
    for (Thread writer : writers) {
      writer.join();
    }
    // What is not known to have been done could not be compared.
    while (hasExpired(database) || told < database.readState().revision().number()) {
      Thread.onSpinWait();
    }
    follower.interrupt();
    follower.join();
  }

  private static Thread start(Task task) {
    return Thread.ofPlatform()
        .daemon()
        .start(
            () -> {
              try {
                task.run();
              } catch (Exception | Error e) {
                e.printStackTrace();
                Runtime.getRuntime().halt(1);
              }
            });
  }

  private interface Task {
    void run() throws Exception;
  }

  private boolean hasExpired(Database database) {
    try (RocksIterator index = database.walkExpiring()) {
      index.seekToFirst();
      return index.isValid() && !ExpiryIndex.deadline(index.key()).isAfter(time);
    }
  }

  private void follow(Watch watch) throws IOException {
    try {
      while (true) {
        for (Change change : watch.next(Duration.ofSeconds(1))) {
          if (change.entry().isEmpty()) {
            note(Ledger.told(change));
          }
          told = change.revision().number();
        }
      }
    } catch (InterruptedException | StoreFailure.Closed e) {
      // All is told.
    }
  }

  private void save(RocksDbStore store, Backups backups) throws IOException {
    long end = store.revision().number() + TRANSACTIONS / 3;
    while (told < end) {
      Thread.onSpinWait();
    }
    Backup backup = backups.create(progress -> {});
    note(Ledger.saved(backup));
    List<Backup> all = backups.list().backups();
    if (all.size() > 2) {
      note(Ledger.dropped(all.getFirst()));
      backups.delete(all.getFirst().id());
    }
  }

  private void write(RocksDbStore store, Random random) throws IOException {
    for (int i = started.getAndIncrement(); i < TRANSACTIONS; i = started.getAndIncrement()) {
      if (i % 40 == 0) {
        time = time.plusSeconds(1);
      }
      Transaction transaction = transaction(random);
      Outcome outcome = store.commit(transaction).join();
      List<Change> changes = changes(transaction, outcome);
      if (!changes.isEmpty()) {
        note(Ledger.did(changes));
      }
      while (told < outcome.revision().number() - MAX_LAG) {
        Thread.onSpinWait();
      }
    }
  }

  private Transaction transaction(Random random) {
    Map<Key, Operation> operations = new LinkedHashMap<>();
    for (int i = 1 + Math.max(0, random.nextInt(8) - 4); i > 0; i--) {
      Key key = Key.of("key-%d.".formatted(random.nextInt(KEYS)));
      operations.put(key, random.nextInt(4) == 0 ? new Operation.Delete(key) : put(key, random));
    }
    List<Operation> all = List.copyOf(operations.values());
    return random.nextInt(5) > 0
        ? new Transaction(List.of(), all, List.of())
        : new Transaction(
            List.of(new Compare.ModifiedAt(all.getFirst().key(), Set.of(new Revision(1)))),
            List.of(),
            all);
  }

  private Operation put(Key key, Random random) {
    byte[] value =
        new byte
            [switch (random.nextInt(20)) {
              case 0 -> random.nextInt(80_000);
              case 1, 2, 3, 4 -> random.nextInt(8_000);
              default -> random.nextInt(200);
            }];
    random.nextBytes(value);
    return new Operation.Put(
        key,
        new Value(Value.TEXT, Bytes.wrap(value)),
        random.nextInt(6) == 0
            ? Optional.of(time.plusSeconds(1 + random.nextInt(8)))
            : Optional.empty());
  }

  private static List<Change> changes(Transaction transaction, Outcome outcome) {
    List<Operation> operations = outcome.succeeded() ? transaction.then() : transaction.otherwise();
    List<Change> changes = new ArrayList<>();
    for (int i = 0; i < operations.size(); i++) {
      Key key = operations.get(i).key();
      if (operations.get(i) instanceof Operation.Put put
          && outcome.results().get(i) instanceof Outcome.Result.Put(var metadata)) {
        changes.add(
            new Change(outcome.revision(), key, Optional.of(new Entry(put.value(), metadata))));
      } else if (outcome.results().get(i) instanceof Outcome.Result.Deleted(boolean existed)
          && existed) {
        changes.add(new Change(outcome.revision(), key, Optional.empty()));
      }
    }
    return changes;
  }

  /** In one write, so that the record of the disk has it as one. */
  private synchronized void note(String line) throws IOException {
    journal.write((line + "\n").getBytes(UTF_8));
  }
}
