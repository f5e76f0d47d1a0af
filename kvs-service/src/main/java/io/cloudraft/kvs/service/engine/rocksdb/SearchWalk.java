package io.cloudraft.kvs.service.engine.rocksdb;

import io.cloudraft.kvs.service.store.Bytes;
import io.cloudraft.kvs.service.store.Count;
import io.cloudraft.kvs.service.store.Entry;
import io.cloudraft.kvs.service.store.Key;
import io.cloudraft.kvs.service.store.Page;
import io.cloudraft.kvs.service.store.Page.Index;
import io.cloudraft.kvs.service.store.Page.Item;
import io.cloudraft.kvs.service.store.Page.Plan;
import io.cloudraft.kvs.service.store.Search;
import io.cloudraft.kvs.service.store.Search.Order;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;

/**
 * Finds one page of a search by two walks that take a step in turn: one through the keys of the
 * prefix, which ends when the page is full or the range is; one through the reversed keys of the
 * suffix, which ends when its range does. The first to end has the page. So the cost is at most
 * twice that of the cheaper way, and nothing needs to be estimated beforehand.
 *
 * <p>Two large ranges that have little in common can be long in ending both. After {@link
 * #MAX_VISITED} steps the page is what the first walk found so far, and says where to go on.
 */
final class SearchWalk {
  /** How many keys one search looks at, at most. */
  static final long MAX_VISITED = 100_000;

  private final Moment moment;
  private final Search search;

  private SearchWalk(Moment moment, Search search) {
    this.moment = moment;
    this.search = search;
  }

  static Page find(Database database, Moment moment, Search search) throws RocksDBException {
    if (search.since().isPresent()) {
      moment.requireHistory(search.since().get());
    }
    SearchWalk walk = new SearchWalk(moment, search);
    PrefixWalk byPrefix = walk.new PrefixWalk(moment.walkKeys(search.prefix()));
    SuffixWalk bySuffix =
        search.suffix().isEmpty()
            ? null
            : walk.new SuffixWalk(moment.walkReversed(search.suffix()));
    return walk.page(database, byPrefix, bySuffix, race(byPrefix, bySuffix));
  }

  static Count count(Database database, Moment moment, Bytes prefix, Bytes suffix)
      throws RocksDBException {
    if (prefix.isEmpty() && suffix.isEmpty()) {
      return new Count(moment.state().keys() - moment.countExpired(), true);
    }
    SearchWalk walk =
        new SearchWalk(moment, Search.keys(prefix, suffix, Optional.empty(), (int) MAX_VISITED));
    PrefixWalk byPrefix = walk.new PrefixWalk(moment.walkKeys(prefix));
    SuffixWalk bySuffix =
        suffix.isEmpty() ? null : walk.new SuffixWalk(moment.walkReversed(suffix));
    Walk winner = race(byPrefix, bySuffix);
    return new Count(winner.found().size(), winner.ends());
  }

  /** The walk that ended first; that by prefix when neither did in time. */
  private static Walk race(PrefixWalk byPrefix, @Nullable SuffixWalk bySuffix)
      throws RocksDBException {
    while (!byPrefix.ends() && byPrefix.visited < MAX_VISITED / 2) {
      if (bySuffix != null) {
        if (bySuffix.ends()) {
          return bySuffix;
        }
        bySuffix.step();
      }
      byPrefix.step();
    }
    return byPrefix;
  }

  private Page page(
      Database database, PrefixWalk byPrefix, @Nullable SuffixWalk bySuffix, Walk winner)
      throws RocksDBException {
    List<Key> found = winner.found();
    List<Item> items = new ArrayList<>(Math.min(found.size(), search.limit()));
    long bytes = 0;
    for (Key key : found) {
      if (items.size() == search.limit() || bytes >= search.maxBytes()) {
        break;
      }
      Optional<Entry> entry = search.values() ? moment.entry(key) : Optional.empty();
      bytes += key.bytes().size() + entry.map(e -> e.value().bytes().size()).orElse(0);
      items.add(new Item(key, entry));
    }
    StoreState state = moment.state();
    return new Page(
        state.revision(),
        items,
        resumeAfter(found, items, winner),
        search.explain()
            ? Optional.of(
                new Plan(
                    winner == byPrefix ? Index.PREFIX : Index.SUFFIX,
                    database.estimateKeys(search.prefix(), state.keys()),
                    database.estimateReversed(search.suffix().reversed(), state.keys()),
                    byPrefix.visited + (bySuffix == null ? 0 : bySuffix.visited)))
            : Optional.empty());
  }

  private static Optional<Key> resumeAfter(List<Key> found, List<Item> items, Walk winner)
      throws RocksDBException {
    if (items.size() < found.size()) {
      return Optional.of(items.getLast().key());
    }
    return winner.ends() ? Optional.empty() : winner.last();
  }

  /**
   * A walk over one index. One key more than the limit is looked for: it tells whether more follow.
   */
  private abstract class Walk {
    final RocksIterator index;
    long visited;

    Walk(RocksIterator index) {
      this.index = index;
    }

    /** Whether all keys of the page are found. */
    abstract boolean ends() throws RocksDBException;

    /** The matching keys so far, in the order asked for. */
    abstract List<Key> found();

    /** The key visited last, if this walk is in the order of the page. */
    abstract Optional<Key> last();

    final boolean exhausted() throws RocksDBException {
      if (index.isValid()) {
        return false;
      }
      // An iterator that met damage looks like one at its end.
      index.status();
      return true;
    }

    final boolean belongs(Key key) {
      return search.matches(key) && !moment.hasExpired(index.value());
    }
  }

  private final class PrefixWalk extends Walk {
    private final List<Key> keys = new ArrayList<>();
    private final boolean ascending = search.order() == Order.ASCENDING;
    private @Nullable Key last;

    PrefixWalk(RocksIterator index) {
      super(index);
      if (ascending) {
        startAscending();
      } else {
        startDescending();
      }
    }

    private void startAscending() {
      Optional<Key> after = search.after();
      if (after.isEmpty() || after.get().bytes().compareTo(search.prefix()) < 0) {
        index.seekToFirst();
      } else {
        byte[] key = after.get().bytes().array();
        // The smallest key that is greater: one zero byte more.
        index.seek(Arrays.copyOf(key, key.length + 1));
      }
    }

    private void startDescending() {
      Optional<Key> after = search.after();
      Optional<byte[]> end = Ranges.endOf(search.prefix());
      if (after.isEmpty()
          || (end.isPresent() && after.get().bytes().compareTo(Bytes.wrap(end.get())) >= 0)) {
        index.seekToLast();
      } else {
        byte[] key = after.get().bytes().array();
        index.seekForPrev(key);
        if (index.isValid() && Arrays.equals(index.key(), key)) {
          index.prev();
        }
      }
    }

    @Override
    boolean ends() throws RocksDBException {
      return keys.size() > search.limit() || exhausted();
    }

    void step() {
      visited++;
      Key key = new Key(Bytes.wrap(index.key()));
      if (belongs(key)) {
        keys.add(key);
      }
      last = key;
      if (ascending) {
        index.next();
      } else {
        index.prev();
      }
    }

    @Override
    List<Key> found() {
      return keys;
    }

    @Override
    Optional<Key> last() {
      return Optional.ofNullable(last);
    }
  }

  private final class SuffixWalk extends Walk {
    private final Comparator<Key> order =
        search.order() == Order.ASCENDING ? Comparator.naturalOrder() : Comparator.reverseOrder();
    private final PriorityQueue<Key> first = new PriorityQueue<>(order.reversed());

    SuffixWalk(RocksIterator index) {
      super(index);
      index.seekToFirst();
    }

    @Override
    boolean ends() throws RocksDBException {
      return exhausted();
    }

    void step() {
      visited++;
      Key key = new Key(Bytes.wrap(index.key()).reversed());
      if (belongs(key)) {
        first.add(key);
        if (first.size() > search.limit() + 1) {
          first.remove();
        }
      }
      index.next();
    }

    @Override
    List<Key> found() {
      return first.stream().sorted(order).toList();
    }

    @Override
    Optional<Key> last() {
      return Optional.empty();
    }
  }
}
