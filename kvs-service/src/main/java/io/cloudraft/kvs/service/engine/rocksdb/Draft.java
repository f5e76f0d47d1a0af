package io.cloudraft.kvs.service.engine.rocksdb;

import io.cloudraft.kvs.service.store.Key;
import io.cloudraft.kvs.service.store.Revision;
import io.cloudraft.kvs.service.store.Value;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/**
 * A commit in the making. Each write that is added sees the database as the writes added before it
 * leave it, although nothing is written yet.
 */
final class Draft implements AutoCloseable {
  private final Database database;
  private final WriteBatch batch = new WriteBatch();
  private final Map<Key, Optional<StoredRecord.Head>> changed = new HashMap<>();
  private final StoreState before;
  private StoreState state;

  Draft(Database database, StoreState before) {
    this.database = database;
    this.before = before;
    this.state = before;
  }

  Revision put(Key key, Value value) throws RocksDBException {
    StoredRecord.Head current = head(key);
    Revision revision = state.revision().next();
    StoredRecord.Head next = StoredRecord.Head.next(current, revision);
    database.putRecord(batch, key, StoredRecord.encode(next, value));
    if (current == null) {
      database.putIndexes(batch, key);
    }
    changed.put(key, Optional.of(next));
    state = new StoreState(revision, state.count() + (current == null ? 1 : 0));
    return revision;
  }

  Optional<Revision> delete(Key key) throws RocksDBException {
    if (head(key) == null) {
      return Optional.empty();
    }
    Revision revision = state.revision().next();
    database.deleteAll(batch, key);
    changed.put(key, Optional.empty());
    state = new StoreState(revision, state.count() - 1);
    return Optional.of(revision);
  }

  private StoredRecord.@Nullable Head head(Key key) throws RocksDBException {
    Optional<StoredRecord.Head> drafted = changed.get(key);
    return drafted == null ? database.readHead(key) : drafted.orElse(null);
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

  @Override
  public void close() {
    batch.close();
  }
}
