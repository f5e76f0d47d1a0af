package io.cloudraft.kvs.service.engine.rocksdb;

import io.cloudraft.kvs.service.engine.Ranges;
import io.cloudraft.kvs.service.engine.StoreClock;
import io.cloudraft.kvs.service.store.Bytes;
import io.cloudraft.kvs.service.store.Entry;
import io.cloudraft.kvs.service.store.Key;
import io.cloudraft.kvs.service.store.Revision;
import io.cloudraft.kvs.service.store.StoreFailure;
import java.time.Instant;
import java.util.Optional;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Slice;
import org.rocksdb.Snapshot;

/** The database as it was at one moment, until it is closed. */
final class Moment implements AutoCloseable {
  private final Database database;
  private final Snapshot snapshot;
  private final NativeResources resources = new NativeResources();
  private final ReadOptions options;
  private final Instant now;

  Moment(Database database, StoreClock clock) {
    this.database = database;
    this.snapshot = database.rocks().getSnapshot();
    this.options = resources.add(new ReadOptions().setSnapshot(snapshot));
    // After the snapshot: what had expired when it was taken has expired now.
    this.now = clock.now();
  }

  StoreState state() throws RocksDBException {
    return database.readState(options);
  }

  /** Refuses to go on from a revision that the history does not reach back to. */
  void requireHistory(Revision since) throws RocksDBException {
    Revision compacted = state().compacted();
    if (since.compareTo(compacted) < 0) {
      throw new StoreFailure.Compacted(since.next(), compacted.next());
    }
  }

  Optional<Entry> entry(Key key) throws RocksDBException {
    return database.readEntry(options, key);
  }

  /** A walk over the keys that begin with the prefix. */
  RocksIterator walkKeys(Bytes prefix) {
    return resources.add(database.walkKeys(range(prefix)));
  }

  /** A walk over the reversed keys that begin with the reversed suffix. */
  RocksIterator walkReversed(Bytes suffix) {
    return resources.add(database.walkReversed(range(suffix.reversed())));
  }

  private ReadOptions range(Bytes prefix) {
    ReadOptions range = resources.add(new ReadOptions().setSnapshot(snapshot));
    range.setIterateLowerBound(resources.add(new Slice(prefix.array())));
    Ranges.endOf(prefix)
        .ifPresent(end -> range.setIterateUpperBound(resources.add(new Slice(end))));
    return range;
  }

  /** How many keys have expired and were not deleted yet. */
  long countExpired() throws RocksDBException {
    long expired = 0;
    try (RocksIterator index = database.walkExpiring(options)) {
      for (index.seekToFirst(); index.isValid() && hasExpired(index.key()); index.next()) {
        expired++;
      }
      index.status();
    }
    return expired;
  }

  /**
   * Whether a key has expired.
   *
   * @param deadline as the indexes keep it: nothing for a key that stays
   */
  boolean hasExpired(byte[] deadline) {
    return deadline.length > 0 && !ExpiryIndex.deadline(deadline).isAfter(now);
  }

  @Override
  public void close() {
    resources.close();
    database.rocks().releaseSnapshot(snapshot);
  }
}
