package io.cloudraft.kvs.service.engine.rocksdb;

import io.cloudraft.kvs.service.store.Entry;
import io.cloudraft.kvs.service.store.Key;
import io.cloudraft.kvs.service.store.KeyValueStore;
import io.cloudraft.kvs.service.store.Page;
import io.cloudraft.kvs.service.store.Revision;
import io.cloudraft.kvs.service.store.Search;
import io.cloudraft.kvs.service.store.StoreCannotOpen;
import io.cloudraft.kvs.service.store.StoreFailure;
import io.cloudraft.kvs.service.store.Value;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.BufferUnderflowException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.rocksdb.RocksDBException;

/** A store in a directory of this machine, which no other process uses at the same time. */
public final class RocksDbStore implements KeyValueStore {
  private final Database database;
  private final Committer committer;

  /** Held for reading by everything that calls into native memory, which close() frees. */
  private final ReadWriteLock inUse = new ReentrantReadWriteLock();

  private boolean closed;

  private RocksDbStore(Database database, Committer committer) {
    this.database = database;
    this.committer = committer;
  }

  /**
   * Opens the store in the directory, or makes an empty one where none ever was.
   *
   * @param lockPatience how long to wait while another process has the directory
   * @throws StoreCannotOpen if the directory is in use, damaged, unusable or of another format
   */
  public static RocksDbStore open(Path directory, Duration lockPatience, MeterRegistry metrics) {
    Database database = openDatabase(directory, lockPatience);
    return open(directory, database, database::writeSynced, metrics);
  }

  static Database openDatabase(Path directory, Duration lockPatience) {
    return Database.open(
        new DataDirectory(directory),
        MemoryBudget.forHeap(Runtime.getRuntime().maxMemory()),
        lockPatience);
  }

  static RocksDbStore open(
      Path directory, Database database, Committer.BatchWriter writer, MeterRegistry metrics) {
    try {
      Committer committer =
          new Committer(
              database,
              writer,
              database.readState(),
              MemoryBudget.forHeap(Runtime.getRuntime().maxMemory()),
              new CommitMetrics(metrics));
      RocksDbStore store = new RocksDbStore(database, committer);
      new RocksDbMetrics(store, new DataDirectory(directory).database()).bindTo(metrics);
      committer.start();
      return store;
    } catch (RocksDBException e) {
      database.close();
      throw new StoreCannotOpen(
          "The data in %s cannot be read: %s. Restore the directory from a backup."
              .formatted(directory, e.getMessage()),
          e);
    }
  }

  @Override
  public Optional<Entry> get(Key key) {
    return reading(
        db -> {
          byte[] stored = db.readRecord(key);
          return stored == null ? Optional.empty() : Optional.of(StoredRecord.decode(stored));
        });
  }

  @Override
  public CompletableFuture<Revision> put(Key key, Value value) {
    return committer.submit(new Write.Put(key, value));
  }

  @Override
  public CompletableFuture<Optional<Revision>> delete(Key key) {
    return committer.submit(new Write.Delete(key));
  }

  @Override
  public Page search(Search search) {
    return find(search).page();
  }

  SearchWalk.Found find(Search search) {
    return reading(db -> SearchWalk.find(db, search));
  }

  @Override
  public long count() {
    return committer.state().count();
  }

  @Override
  public Optional<StoreFailure> refusesWrites() {
    return committer.refusesWrites();
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
    committer.close();
    inUse.writeLock().lock();
    try {
      if (!closed) {
        closed = true;
        database.close();
      }
    } finally {
      inUse.writeLock().unlock();
    }
  }
}
