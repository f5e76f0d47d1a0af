package io.cloudraft.kvs.service.engine.rocksdb;

import io.cloudraft.kvs.service.engine.Ranges;
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
 * suffix, which ends when its range does. The first to end has the page. Nothing needs to be
 * estimated beforehand.
 *
 * <p>Where both ends are common, the page is full long before the walk by suffix has seen its
 * range. So that walk stands still while the other one, if it goes on finding keys as it has so
 * far, ends within {@link #LEAD} times the steps that the walk by suffix has taken. Whatever it
 * finds then, a search costs at most
 *
 * <ul>
 *   <li>twice the walk by prefix: the other one never takes a step more than it;
 *   <li>1 + {@code LEAD} times the walk by suffix: before the page is full, the end foreseen is
 *       later than where the walk by prefix is, so that this is never further than {@code LEAD}
 *       times where the walk by suffix is.
 * </ul>
 *
 * <p>Two large ranges that have little in common can be long in ending both. After {@link
 * #MAX_VISITED} steps the page is what the first walk found so far, and says where to go on.
 */
final class SearchWalk {
  /** How many keys one search looks at, at most. */
  static final long MAX_VISITED = 100_000;

  /** How many times as far as the walk by suffix the one by prefix may get. */
  static final long LEAD = 4;

  private final Moment moment;
  private final Search search;

  private final PrefixWalk byPrefix;
  private final @Nullable SuffixWalk bySuffix;

  /** Whether keys are only counted: then none is kept, as there may be as many as are visited. */
  private final boolean counts;

  private SearchWalk(Moment moment, Search search, boolean counts) {
    this.moment = moment;
    this.search = search;
    this.counts = counts;
    this.byPrefix = new PrefixWalk(moment.walkKeys(search.prefix()));
    this.bySuffix =
        search.suffix().isEmpty() ? null : new SuffixWalk(moment.walkReversed(search.suffix()));
  }

  static Page find(Database database, Moment moment, Search search) throws RocksDBException {
    if (search.since().isPresent()) {
      moment.requireHistory(search.since().get());
    }
    SearchWalk walk = new SearchWalk(moment, search, false);
    return walk.page(database, walk.race());
  }

  static Count count(Database database, Moment moment, Bytes prefix, Bytes suffix)
      throws RocksDBException {
    if (prefix.isEmpty() && suffix.isEmpty()) {
      return new Count(moment.state().keys() - moment.countExpired(), true);
    }
    SearchWalk walk =
        new SearchWalk(
            moment, Search.keys(prefix, suffix, Optional.empty(), (int) MAX_VISITED), true);
    Walk winner = walk.race();
    return new Count(winner.matches, winner.ends());
  }

  /** The walk that ended first; that by prefix when neither did in time. */
  private Walk race() throws RocksDBException {
    // Both take a step at most before this is asked again.
    while (!byPrefix.ends() && visited() < MAX_VISITED - 1) {
      if (bySuffix != null && !endsSoon(bySuffix)) {
        if (bySuffix.ends()) {
          return bySuffix;
        }
        bySuffix.step();
      }
      byPrefix.step();
    }
    return byPrefix;
  }

  /** Whether the walk by prefix ends within its lead if it goes on finding keys as it has. */
  private boolean endsSoon(SuffixWalk bySuffix) {
    long wanted = search.limit() + 1L;
    return byPrefix.visited * wanted < LEAD * bySuffix.visited * byPrefix.matches;
  }

  private long visited() {
    return byPrefix.visited + (bySuffix == null ? 0 : bySuffix.visited);
  }

  private Page page(Database database, Walk winner) throws RocksDBException {
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
                    visited()))
            : Optional.empty());
  }

  private Optional<Key> resumeAfter(List<Key> found, List<Item> items, Walk winner)
      throws RocksDBException {
    if (items.size() < found.size()) {
      return Optional.of(items.getLast().key());
    }
    return winner.ends() ? Optional.empty() : byPrefix.last();
  }

  /**
   * A walk over one index. One key more than the limit is looked for: it tells whether more follow.
   */
  private abstract class Walk {
    final RocksIterator index;
    final WalkedKey key = new WalkedKey();
    final boolean ascending = search.order() == Order.ASCENDING;
    private final byte[] deadline = new byte[Long.BYTES];
    long visited;

    /** How many matching keys it has come by, also where it does not keep them. */
    long matches;

    Walk(RocksIterator index) {
      this.index = index;
    }

    /** Whether all keys of the page are found. */
    abstract boolean ends() throws RocksDBException;

    /** The matching keys so far, in the order asked for. */
    abstract List<Key> found();

    final boolean exhausted() throws RocksDBException {
      if (index.isValid()) {
        return false;
      }
      // An iterator that met damage looks like one at its end.
      index.status();
      return true;
    }

    final void visit() {
      visited++;
      key.read(index);
    }

    final boolean hasExpired() {
      return index.value(deadline) > 0 && moment.hasExpired(deadline);
    }
  }

  private final class PrefixWalk extends Walk {
    private final List<Key> keys = new ArrayList<>();

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
      return matches > search.limit() || exhausted();
    }

    /** Prefix and place are kept to by where the index was entered, and where it ends. */
    void step() {
      visit();
      if (key.endsWith(search.suffix()) && !hasExpired()) {
        matches++;
        if (!counts) {
          keys.add(key.copy());
        }
      }
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

    /** The key visited last. */
    Optional<Key> last() {
      return visited == 0 ? Optional.empty() : Optional.of(key.copy());
    }
  }

  private final class SuffixWalk extends Walk {
    private final Comparator<Key> order =
        ascending ? Comparator.naturalOrder() : Comparator.reverseOrder();
    private final @Nullable Key after = search.after().orElse(null);

    /** The last of them first. */
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
      visit();
      key.reverse();
      if (key.startsWith(search.prefix()) && isAfter() && isAmongFirst() && !hasExpired()) {
        matches++;
        if (!counts) {
          keep();
        }
      }
      index.next();
    }

    private void keep() {
      if (isFull()) {
        first.remove();
      }
      first.add(key.copy());
    }

    private boolean isAfter() {
      return after == null || compareTo(after) > 0;
    }

    private boolean isAmongFirst() {
      return !isFull() || compareTo(first.element()) < 0;
    }

    /** In the order asked for. */
    private int compareTo(Key other) {
      int compared = key.compareTo(other);
      return ascending ? compared : -compared;
    }

    private boolean isFull() {
      return first.size() > search.limit();
    }

    @Override
    List<Key> found() {
      return first.stream().sorted(order).toList();
    }
  }
}
