package io.cloudraft.kvs.service.engine.rocksdb;

import io.cloudraft.kvs.service.engine.ChangeFeed;
import io.cloudraft.kvs.service.engine.ChangeWatch;
import io.cloudraft.kvs.service.engine.StoreClock;
import io.cloudraft.kvs.service.store.Bytes;
import io.cloudraft.kvs.service.store.Count;
import io.cloudraft.kvs.service.store.Entry;
import io.cloudraft.kvs.service.store.Freeze;
import io.cloudraft.kvs.service.store.Key;
import io.cloudraft.kvs.service.store.KeyValueStore;
import io.cloudraft.kvs.service.store.Outcome;
import io.cloudraft.kvs.service.store.Page;
import io.cloudraft.kvs.service.store.Promises;
import io.cloudraft.kvs.service.store.Revision;
import io.cloudraft.kvs.service.store.Scan;
import io.cloudraft.kvs.service.store.Search;
import io.cloudraft.kvs.service.store.StoreCannotOpen;
import io.cloudraft.kvs.service.store.StoreFailure;
import io.cloudraft.kvs.service.store.Transaction;
import io.cloudraft.kvs.service.store.Watch;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.BufferUnderflowException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/** A store in a directory of this machine, which no other process uses at the same time. */
public final class RocksDbStore implements KeyValueStore {
  public static final Promises PROMISES =
      new Promises(
          "RocksDB",
          "What was acknowledged is synced to disk, and survives a crash and the loss of power.",
          "linearizable");

  private final Database database;
  private final Bytes secret;
  private final StoreClock clock;
  private final DiskSpace space;
  private final Committer committer;
  private final RocksDbHistory history = new RocksDbHistory(this);
  private final ChangeFeed feed;
  private final Housekeeper housekeeper;
  private final RoomMaker roomMaker;

  /** Held for reading by everything that calls into native memory, which close() frees. */
  private final ReadWriteLock inUse = new ReentrantReadWriteLock();

  private final Set<RocksDbScan> scans = ConcurrentHashMap.newKeySet();
  private boolean closed;

  private RocksDbStore(
      Database database,
      Committer.BatchWriter writer,
      DiskSpace space,
      HistoryRetention retention,
      InstantSource clock,
      MeterRegistry metrics)
      throws RocksDBException {
    this.database = database;
    this.secret = database.secret();
    this.clock = new StoreClock(clock);
    this.space = space;
    this.committer =
        new Committer(
            database,
            this.clock,
            writer,
            space,
            database.readState(),
            memory(),
            new CommitMetrics(metrics),
            this::tellOfChanges);
    this.feed = new ChangeFeed(history, this::revision);
    this.roomMaker = new RoomMaker(database, space, committer::state);
    this.housekeeper =
        new Housekeeper(this, committer, this.clock, retention, roomMaker::isExhausted);
  }

  /**
   * Opens the store in the directory, or makes an empty one where none ever was.
   *
   * @param lockPatience how long to wait while another process has the directory
   * @param first what a store that is made new counts its revisions from
   * @throws StoreCannotOpen if the directory is in use, damaged, unusable or of another format
   */
  public static RocksDbStore open(
      Path directory,
      Duration lockPatience,
      Revision first,
      HistoryRetention retention,
      MeterRegistry metrics) {
    Database database = openDatabase(directory, lockPatience);
    prepare(database, directory, first);
    return open(
        directory,
        database,
        database::writeSynced,
        DiskSpace.of(directory),
        retention,
        InstantSource.system(),
        metrics);
  }

  private static void prepare(Database database, Path directory, Revision first) {
    try (WriteBatch batch = new WriteBatch()) {
      StoreState found = database.readState();
      StoreState next = found.equals(StoreState.EMPTY) ? StoreState.startingAt(first, 0) : found;
      // Who was moving the store was this process, and is no more.
      next = next.with(next.freeze().filter(Freeze::moved));
      if (!next.equals(found)) {
        database.putState(batch, next);
        database.writeSynced(batch);
      }
    } catch (RocksDBException e) {
      database.close();
      throw new StoreCannotOpen(
          "Nothing can be written to %s: %s.".formatted(directory, e.getMessage()), e);
    }
  }

  private static MemoryBudget memory() {
    return MemoryBudget.forHeap(Runtime.getRuntime().maxMemory());
  }

  static Database openDatabase(Path directory, Duration lockPatience) {
    return Database.open(new DataDirectory(directory), memory(), lockPatience);
  }

  static RocksDbStore open(
      Path directory,
      Database database,
      Committer.BatchWriter writer,
      DiskSpace space,
      HistoryRetention retention,
      InstantSource clock,
      MeterRegistry metrics) {
    try {
      RocksDbStore store = new RocksDbStore(database, writer, space, retention, clock, metrics);
      new RocksDbMetrics(store, new DataDirectory(directory).database()).bindTo(metrics);
      store.start();
      return store;
    } catch (RocksDBException e) {
      database.close();
      throw new StoreCannotOpen(
          "The data in %s cannot be read: %s. %s"
              .formatted(directory, e.getMessage(), Database.HOW_TO_GO_ON),
          e);
    }
  }

  private void start() {
    committer.start();
    feed.start();
    housekeeper.start();
    roomMaker.start();
  }

  private void tellOfChanges() {
    feed.wake();
  }

  @Override
  public boolean isLocal() {
    return true;
  }

  @Override
  public Optional<Entry> get(Key key) {
    return reading(db -> db.readEntry(key)).filter(entry -> !isExpired(entry));
  }

  /** Most keys never expire: only the others need the time. */
  private boolean isExpired(Entry entry) {
    return entry.metadata().expires().isPresent() && entry.metadata().isExpired(clock.now());
  }

  @Override
  public CompletableFuture<Outcome> commit(Transaction transaction) {
    return committer.submit(new Write.Commit(transaction));
  }

  @Override
  public Page search(Search search) {
    return atOneMoment(moment -> SearchWalk.find(database, moment, search));
  }

  @Override
  public Count count(Bytes prefix, Bytes suffix) {
    return atOneMoment(moment -> SearchWalk.count(database, moment, prefix, suffix));
  }

  @Override
  public long count() {
    return count(Bytes.EMPTY, Bytes.EMPTY).keys();
  }

  private <T> T atOneMoment(ReadOfMoment<T> read) {
    return reading(
        db -> {
          try (Moment moment = new Moment(db, clock)) {
            return read.from(moment);
          }
        });
  }

  @FunctionalInterface
  private interface ReadOfMoment<T> {
    T from(Moment moment) throws RocksDBException;
  }

  @Override
  public Scan scan(Bytes prefix, Bytes suffix) {
    return reading(
        db -> {
          RocksDbScan scan = new RocksDbScan(this, new Moment(db, clock), prefix, suffix);
          scans.add(scan);
          return scan;
        });
  }

  void forget(RocksDbScan scan) {
    scans.remove(scan);
  }

  @Override
  public Watch watch(Bytes prefix, Bytes suffix) {
    return new ChangeWatch(feed, history, prefix, suffix, revision());
  }

  @Override
  public Watch watch(Bytes prefix, Bytes suffix, Revision after) {
    return atOneMoment(
        moment -> {
          moment.requireHistory(after);
          return new ChangeWatch(feed, history, prefix, suffix, after);
        });
  }

  @Override
  public Revision revision() {
    return committer.state().revision();
  }

  @Override
  public Bytes secret() {
    return secret;
  }

  @Override
  public Optional<StoreFailure> refusesWrites() {
    return committer.refusesWrites();
  }

  @Override
  public CompletableFuture<Boolean> freeze(Optional<Freeze> expected, Optional<Freeze> next) {
    return committer.submit(new Write.Freezing(expected, next));
  }

  @Override
  public Optional<Freeze> frozen() {
    return committer.state().freeze();
  }

  DiskSpace space() {
    return space;
  }

  int waitingWrites() {
    return committer.waiting();
  }

  /** Does something with the database that must not be closed meanwhile. */
  <T> T reading(Read<T> read) {
    inUse.readLock().lock();
    try {
      if (closed) {
        throw new StoreFailure.Closed();
      }
      return read.from(database);
    } catch (RocksDBException | IllegalArgumentException | BufferUnderflowException e) {
      throw new StoreFailure.Damaged(
          "What is stored here cannot be read back: " + e.getMessage(), e);
    } finally {
      inUse.readLock().unlock();
    }
  }

  @FunctionalInterface
  interface Read<T> {
    T from(Database database) throws RocksDBException;
  }

  @Override
  public void close() {
    roomMaker.close();
    housekeeper.close();
    committer.close();
    feed.close();
    inUse.writeLock().lock();
    try {
      if (!closed) {
        closed = true;
        List.copyOf(scans).forEach(RocksDbScan::close);
        database.close();
      }
    } finally {
      inUse.writeLock().unlock();
    }
  }
}
