package io.cloudraft.kvs.service.engine.rocksdb;

import io.cloudraft.kvs.service.store.Key;
import io.cloudraft.kvs.service.store.Revision;
import io.cloudraft.kvs.service.store.StoreFailure;
import io.cloudraft.kvs.service.store.Value;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.rocksdb.RocksDBException;

/**
 * A change that someone waits for.
 *
 * @param <T> what the answer says
 */
abstract sealed class Write<T> {
  private final CompletableFuture<T> answer = new CompletableFuture<>();

  final CompletableFuture<T> answer() {
    return answer;
  }

  final void refuse(StoreFailure failure) {
    answer.completeExceptionally(failure);
  }

  /** Adds this change to a commit, and returns the step that answers it when that is on disk. */
  final Runnable addTo(Draft draft) throws RocksDBException {
    T result = apply(draft);
    return () -> answer.complete(result);
  }

  abstract T apply(Draft draft) throws RocksDBException;

  /** How much memory this write holds while it waits, roughly. */
  abstract long size();

  static final class Put extends Write<Revision> {
    private final Key key;
    private final Value value;

    Put(Key key, Value value) {
      this.key = key;
      this.value = value;
    }

    @Override
    Revision apply(Draft draft) throws RocksDBException {
      return draft.put(key, value);
    }

    @Override
    long size() {
      return key.bytes().size() + (long) value.bytes().size();
    }
  }

  static final class Delete extends Write<Optional<Revision>> {
    private final Key key;

    Delete(Key key) {
      this.key = key;
    }

    @Override
    Optional<Revision> apply(Draft draft) throws RocksDBException {
      return draft.delete(key);
    }

    @Override
    long size() {
      return key.bytes().size();
    }
  }
}
