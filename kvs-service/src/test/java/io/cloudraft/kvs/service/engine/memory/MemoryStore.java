package io.cloudraft.kvs.service.engine.memory;

import io.cloudraft.kvs.service.store.Entry;
import io.cloudraft.kvs.service.store.Key;
import io.cloudraft.kvs.service.store.KeyValueStore;
import io.cloudraft.kvs.service.store.Page;
import io.cloudraft.kvs.service.store.Revision;
import io.cloudraft.kvs.service.store.Search;
import io.cloudraft.kvs.service.store.StoreFailure;
import io.cloudraft.kvs.service.store.Value;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/** The store contract, but for durability, as a sorted map behind one lock. */
public final class MemoryStore implements KeyValueStore {
  private final NavigableMap<Key, Entry> entries = new TreeMap<>();
  private Revision last = Revision.NONE;
  private boolean closed;

  @Override
  public synchronized Optional<Entry> get(Key key) {
    refuseIfClosed();
    return Optional.ofNullable(entries.get(key));
  }

  @Override
  public synchronized CompletableFuture<Revision> put(Key key, Value value) {
    if (closed) {
      return CompletableFuture.failedFuture(new StoreFailure.Closed());
    }
    last = last.next();
    Entry old = entries.get(key);
    entries.put(
        key,
        old == null
            ? new Entry(value, last, last, 1)
            : new Entry(value, old.created(), last, old.version() + 1));
    return CompletableFuture.completedFuture(last);
  }

  @Override
  public synchronized CompletableFuture<Optional<Revision>> delete(Key key) {
    if (closed) {
      return CompletableFuture.failedFuture(new StoreFailure.Closed());
    }
    if (entries.remove(key) == null) {
      return CompletableFuture.completedFuture(Optional.empty());
    }
    last = last.next();
    return CompletableFuture.completedFuture(Optional.of(last));
  }

  @Override
  public synchronized Page search(Search search) {
    refuseIfClosed();
    List<Key> all = entries.keySet().stream().filter(search::matches).toList();
    boolean more = all.size() > search.limit();
    return new Page(more ? all.subList(0, search.limit()) : all, more);
  }

  @Override
  public synchronized long count() {
    return entries.size();
  }

  @Override
  public synchronized Optional<StoreFailure> refusesWrites() {
    return closed ? Optional.of(new StoreFailure.Closed()) : Optional.empty();
  }

  @Override
  public synchronized void close() {
    closed = true;
  }

  private void refuseIfClosed() {
    if (closed) {
      throw new StoreFailure.Closed();
    }
  }
}
