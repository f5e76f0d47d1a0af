package io.cloudraft.kvs.service.engine.memory;

import io.cloudraft.kvs.service.store.Bytes;
import io.cloudraft.kvs.service.store.Change;
import io.cloudraft.kvs.service.store.Compare;
import io.cloudraft.kvs.service.store.Count;
import io.cloudraft.kvs.service.store.Entry;
import io.cloudraft.kvs.service.store.Freeze;
import io.cloudraft.kvs.service.store.Key;
import io.cloudraft.kvs.service.store.KeyValueStore;
import io.cloudraft.kvs.service.store.Metadata;
import io.cloudraft.kvs.service.store.Operation;
import io.cloudraft.kvs.service.store.Outcome;
import io.cloudraft.kvs.service.store.Outcome.Result;
import io.cloudraft.kvs.service.store.Page;
import io.cloudraft.kvs.service.store.Page.Index;
import io.cloudraft.kvs.service.store.Page.Item;
import io.cloudraft.kvs.service.store.Page.Plan;
import io.cloudraft.kvs.service.store.Revision;
import io.cloudraft.kvs.service.store.Scan;
import io.cloudraft.kvs.service.store.Search;
import io.cloudraft.kvs.service.store.StoreFailure;
import io.cloudraft.kvs.service.store.Transaction;
import io.cloudraft.kvs.service.store.Watch;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/**
 * The store contract, but for durability, as a sorted map behind one lock. It deletes nothing that
 * has expired, and never forgets a change.
 */
public class MemoryStore implements KeyValueStore {
  private final InstantSource clock;
  private final NavigableMap<Key, Entry> entries = new TreeMap<>();
  private final List<Change> changes = new ArrayList<>();
  private Revision last = Revision.NONE;
  private Optional<Freeze> freeze = Optional.empty();
  private boolean closed;

  public MemoryStore() {
    this(InstantSource.system());
  }

  public MemoryStore(InstantSource clock) {
    this.clock = clock;
  }

  @Override
  public synchronized Optional<Entry> get(Key key) {
    refuseIfClosed();
    return find(key);
  }

  private Optional<Entry> find(Key key) {
    Instant now = clock.instant();
    return Optional.ofNullable(entries.get(key)).filter(entry -> !entry.metadata().isExpired(now));
  }

  @Override
  public synchronized CompletableFuture<Outcome> commit(Transaction transaction) {
    if (closed) {
      return CompletableFuture.failedFuture(new StoreFailure.Closed());
    }
    if (freeze.isPresent() && changesSomething(transaction)) {
      return CompletableFuture.failedFuture(new StoreFailure.Frozen(freeze.get()));
    }
    OptionalInt failed = OptionalInt.empty();
    for (int i = transaction.compares().size() - 1; i >= 0; i--) {
      Compare compare = transaction.compares().get(i);
      if (!compare.holds(find(compare.key()))) {
        failed = OptionalInt.of(i);
      }
    }
    Revision next = last.next();
    List<Result> results = new ArrayList<>();
    for (Operation operation : failed.isEmpty() ? transaction.then() : transaction.otherwise()) {
      results.add(
          switch (operation) {
            case Operation.Get get -> new Result.Got(find(get.key()));
            case Operation.Put put -> put(put, next);
            case Operation.Delete delete -> delete(delete.key(), next);
          });
    }
    notifyAll();
    return CompletableFuture.completedFuture(new Outcome(failed, last, results));
  }

  private static boolean changesSomething(Transaction transaction) {
    return !Stream.concat(transaction.then().stream(), transaction.otherwise().stream())
        .allMatch(Operation.Get.class::isInstance);
  }

  private Result put(Operation.Put put, Revision revision) {
    Optional<Metadata> old = find(put.key()).map(Entry::metadata);
    Metadata metadata =
        new Metadata(
            old.map(Metadata::created).orElse(revision),
            revision,
            old.map(Metadata::version).orElse(0L) + 1,
            put.expires());
    Entry entry = new Entry(put.value(), metadata);
    entries.put(put.key(), entry);
    changes.add(new Change(revision, put.key(), Optional.of(entry)));
    last = revision;
    return new Result.Put(metadata);
  }

  private Result delete(Key key, Revision revision) {
    if (find(key).isEmpty()) {
      return new Result.Deleted(false);
    }
    entries.remove(key);
    changes.add(new Change(revision, key, Optional.empty()));
    last = revision;
    return new Result.Deleted(true);
  }

  @Override
  public synchronized Page search(Search search) {
    refuseIfClosed();
    List<Item> items = new ArrayList<>();
    long bytes = 0;
    Optional<Key> resumeAfter = Optional.empty();
    NavigableMap<Key, Entry> ordered =
        search.order() == Search.Order.ASCENDING ? entries : entries.descendingMap();
    for (Key key : ordered.keySet()) {
      Optional<Entry> entry = find(key);
      if (entry.isEmpty() || !search.matches(key)) {
        continue;
      }
      if (items.size() == search.limit() || bytes >= search.maxBytes()) {
        resumeAfter = Optional.of(items.getLast().key());
        break;
      }
      bytes += key.bytes().size() + (search.values() ? entry.get().value().bytes().size() : 0);
      items.add(new Item(key, search.values() ? entry : Optional.empty()));
    }
    Optional<Plan> plan =
        search.explain()
            ? Optional.of(new Plan(Index.PREFIX, entries.size(), entries.size(), entries.size()))
            : Optional.empty();
    return new Page(last, items, resumeAfter, plan);
  }

  @Override
  public synchronized Count count(Bytes prefix, Bytes suffix) {
    refuseIfClosed();
    return new Count(matching(prefix, suffix).count(), true);
  }

  private Stream<Item> matching(Bytes prefix, Bytes suffix) {
    Search all = Search.keys(prefix, suffix, Optional.empty(), 1);
    return entries.keySet().stream()
        .filter(key -> all.matches(key) && find(key).isPresent())
        .map(key -> new Item(key, find(key)));
  }

  @Override
  public synchronized Scan scan(Bytes prefix, Bytes suffix) {
    refuseIfClosed();
    Revision revision = last;
    Iterator<Item> items = matching(prefix, suffix).toList().iterator();
    return new Scan() {
      @Override
      public Revision revision() {
        return revision;
      }

      @Override
      public Optional<Item> next() {
        return items.hasNext() ? Optional.of(items.next()) : Optional.empty();
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public synchronized Watch watch(Bytes prefix, Bytes suffix) {
    return watch(prefix, suffix, last);
  }

  @Override
  public Watch watch(Bytes prefix, Bytes suffix, Revision after) {
    Search all = Search.keys(prefix, suffix, Optional.empty(), 1);
    return new Watch() {
      private Revision seen = after;

      @Override
      public List<Change> next(Duration patience) throws InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        synchronized (MemoryStore.this) {
          while (true) {
            refuseIfClosed();
            List<Change> found =
                changes.stream()
                    .filter(c -> c.revision().compareTo(seen) > 0 && all.matches(c.key()))
                    .toList();
            seen = last.compareTo(seen) > 0 ? last : seen;
            long millis = (deadline - System.nanoTime()) / 1_000_000;
            if (!found.isEmpty() || millis <= 0) {
              return found;
            }
            MemoryStore.this.wait(millis);
          }
        }
      }

      @Override
      public boolean await(Duration patience) throws InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        synchronized (MemoryStore.this) {
          while (true) {
            refuseIfClosed();
            if (last.compareTo(seen) > 0) {
              return true;
            }
            long millis = (deadline - System.nanoTime()) / 1_000_000;
            if (millis <= 0) {
              return false;
            }
            MemoryStore.this.wait(millis);
          }
        }
      }

      @Override
      public Revision seen() {
        return seen;
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public synchronized Revision revision() {
    return last;
  }

  @Override
  public synchronized long count() {
    return matching(Bytes.EMPTY, Bytes.EMPTY).count();
  }

  @Override
  public Bytes secret() {
    return Bytes.wrap(new byte[32]);
  }

  @Override
  public synchronized Optional<StoreFailure> refusesWrites() {
    return closed ? Optional.of(new StoreFailure.Closed()) : freeze.map(StoreFailure.Frozen::new);
  }

  @Override
  public synchronized CompletableFuture<Boolean> freeze(
      Optional<Freeze> expected, Optional<Freeze> next) {
    boolean isExpected = freeze.equals(expected);
    freeze = isExpected ? next : freeze;
    return CompletableFuture.completedFuture(isExpected);
  }

  @Override
  public synchronized Optional<Freeze> frozen() {
    return freeze;
  }

  @Override
  public synchronized void close() {
    closed = true;
    notifyAll();
  }

  private void refuseIfClosed() {
    if (closed) {
      throw new StoreFailure.Closed();
    }
  }
}
