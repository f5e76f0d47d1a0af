package io.cloudraft.kvs.service.engine.rocksdb;

import io.cloudraft.kvs.service.engine.ChangeId;
import io.cloudraft.kvs.service.engine.StoreClock;
import io.cloudraft.kvs.service.store.Entry;
import io.cloudraft.kvs.service.store.Freeze;
import io.cloudraft.kvs.service.store.Key;
import io.cloudraft.kvs.service.store.Metadata;
import io.cloudraft.kvs.service.store.Operation;
import io.cloudraft.kvs.service.store.Revision;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/**
 * A commit in the making. Each write that is added sees the database as the writes added before it
 * leave it, although nothing is written yet.
 */
final class Draft implements AutoCloseable {
  private final Database database;
  private final StoreClock clock;
  private final WriteBatch batch = new WriteBatch();
  private final Map<Key, Optional<Entry>> changed = new HashMap<>();
  private final StoreState before;
  private StoreState state;

  Draft(Database database, StoreClock clock, StoreState before) {
    this.database = database;
    this.clock = clock;
    this.before = before;
    this.state = before;
  }

  /** One more write of this commit: all its changes have one revision. */
  Step step() {
    return new Step();
  }

  /** The state that this commit leaves. */
  StoreState state() {
    return state;
  }

  boolean changesNothing() {
    return state.equals(before);
  }

  /** All of it, as one batch; to be called once, at the end. */
  WriteBatch batch() throws RocksDBException {
    database.putState(batch, state);
    return batch;
  }

  /** Forgets the oldest part of the history. */
  void compactHistory(Revision upTo, long bytes) throws RocksDBException {
    database.deleteChanges(
        batch, ChangeId.firstAfter(state.compacted()), ChangeId.firstAfter(upTo));
    state =
        new StoreState(
            state.revision(), state.keys(), upTo, state.historyBytes() - bytes, state.freeze());
  }

  /** Freezes the store, or lifts that, if it is as expected; answers whether it was. */
  boolean freeze(Optional<Freeze> expected, Optional<Freeze> next) {
    boolean isExpected = state.freeze().equals(expected);
    if (isExpected) {
      state = state.with(next);
    }
    return isExpected;
  }

  @Override
  public void close() {
    batch.close();
  }

  /** The changes of one transaction in the making. */
  final class Step {
    private final Instant now = clock.now();
    private final Revision revision = state.revision().next();
    private int changes;

    /** The entry under the key, or nothing. */
    Optional<Entry> get(Key key) throws RocksDBException {
      Optional<Entry> drafted = changed.get(key);
      return (drafted == null ? database.readEntry(key) : drafted)
          .filter(entry -> !entry.metadata().isExpired(now));
    }

    /** How large the entry under the key is, roughly, without reading it. */
    long size(Key key) throws RocksDBException {
      Optional<Entry> drafted = changed.get(key);
      return drafted == null
          ? database.sizeOfRecord(key)
          : drafted.map(entry -> entry.value().bytes().size()).orElse(0);
    }

    Metadata put(Operation.Put put) throws RocksDBException {
      Key key = put.key();
      Optional<Metadata> stored = stored(key);
      Optional<Metadata> current = stored.filter(metadata -> !metadata.isExpired(now));
      Metadata next =
          new Metadata(
              current.map(Metadata::created).orElse(revision),
              revision,
              current.map(Metadata::version).orElse(0L) + 1,
              put.expires());
      Optional<Instant> formerExpiry = stored.flatMap(Metadata::expires);
      if (stored.isEmpty() || !formerExpiry.equals(next.expires())) {
        database.putIndexes(batch, key, next.expires());
        database.deleteExpiry(batch, formerExpiry, key);
        database.putExpiry(batch, next.expires(), key);
      }
      Entry entry = new Entry(put.value(), next);
      byte[] record = StoredRecord.encode(entry);
      database.putRecord(batch, key, record);
      changed.put(key, Optional.of(entry));
      record(key, record, stored.isEmpty() ? 1 : 0);
      return next;
    }

    /** Removes the key, unless there is no such key. */
    boolean delete(Key key) throws RocksDBException {
      Optional<Metadata> stored = stored(key);
      boolean exists = stored.isPresent() && !stored.get().isExpired(now);
      if (exists) {
        remove(key, stored.get());
      }
      return exists;
    }

    /** Removes the key if it has expired. */
    void expire(Key key) throws RocksDBException {
      Optional<Metadata> stored = stored(key);
      if (stored.isPresent() && stored.get().isExpired(now)) {
        remove(key, stored.get());
      }
    }

    private void remove(Key key, Metadata stored) throws RocksDBException {
      database.deleteKey(batch, key);
      database.deleteExpiry(batch, stored.expires(), key);
      changed.put(key, Optional.empty());
      record(key, new byte[0], -1);
    }

    private void record(Key key, byte[] record, int keys) throws RocksDBException {
      byte[] change = StoredChange.encode(now, key, record);
      byte[] id = new ChangeId(revision.number(), changes).encode();
      database.putChange(batch, id, change);
      changes++;
      state =
          new StoreState(
              revision,
              state.keys() + keys,
              state.compacted(),
              state.historyBytes() + id.length + change.length,
              state.freeze());
    }

    /** What lies under the key, expired or not. */
    private Optional<Metadata> stored(Key key) throws RocksDBException {
      Optional<Entry> drafted = changed.get(key);
      return drafted == null ? database.readMetadata(key) : drafted.map(Entry::metadata);
    }

    /** The revision of this step if it changed anything, otherwise that of the change before. */
    Revision revision() {
      return state.revision();
    }
  }
}
