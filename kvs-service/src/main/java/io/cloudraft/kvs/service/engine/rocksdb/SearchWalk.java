package io.cloudraft.kvs.service.engine.rocksdb;

import io.cloudraft.kvs.service.store.Bytes;
import io.cloudraft.kvs.service.store.Key;
import io.cloudraft.kvs.service.store.Page;
import io.cloudraft.kvs.service.store.Search;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Slice;
import org.rocksdb.Snapshot;

/**
 * Finds one page of a search by two walks that take a step in turn: one through the keys of the
 * prefix, which ends when the page is full or the range is; one through the reversed keys of the
 * suffix, which ends when its range does. The first to end has the page. So the cost is at most
 * twice that of the cheaper way, and nothing needs to be estimated beforehand.
 */
final class SearchWalk {

  /**
   * A page, and what it cost.
   *
   * @param visited how many index entries were looked at
   */
  record Found(Page page, long visited) {}

  private final Search search;

  private SearchWalk(Search search) {
    this.search = search;
  }

  static Found find(Database database, Search search) throws RocksDBException {
    return new SearchWalk(search).find(database);
  }

  private Found find(Database database) throws RocksDBException {
    Snapshot snapshot = database.rocks().getSnapshot();
    try (Range keys = new Range(search.prefix(), snapshot);
        RocksIterator keyOrder = database.walkKeys(keys.options)) {
      PrefixWalk byPrefix = new PrefixWalk(keyOrder);
      if (search.suffix().isEmpty()) {
        while (!byPrefix.ends()) {
          byPrefix.step();
        }
        return byPrefix.found(0);
      }
      try (Range suffixes = new Range(search.suffix().reversed(), snapshot);
          RocksIterator reversedOrder = database.walkReversed(suffixes.options)) {
        return race(byPrefix, new SuffixWalk(reversedOrder));
      }
    } finally {
      database.rocks().releaseSnapshot(snapshot);
    }
  }

  private static Found race(PrefixWalk byPrefix, SuffixWalk bySuffix) throws RocksDBException {
    while (true) {
      if (byPrefix.ends()) {
        return byPrefix.found(bySuffix.visited);
      }
      if (bySuffix.ends()) {
        return bySuffix.found(byPrefix.visited);
      }
      byPrefix.step();
      bySuffix.step();
    }
  }

  private Page page(List<Key> keys) {
    boolean more = keys.size() > search.limit();
    return new Page(more ? keys.subList(0, search.limit()) : keys, more);
  }

  /**
   * A walk over one index. One key more than the limit is looked for: it tells whether more follow.
   */
  private abstract static class Walk {
    final RocksIterator index;
    long visited;

    Walk(RocksIterator index) {
      this.index = index;
    }

    final boolean exhausted() throws RocksDBException {
      if (index.isValid()) {
        return false;
      }
      // An iterator that met damage looks like one at its end.
      index.status();
      return true;
    }
  }

  private final class PrefixWalk extends Walk {
    private final List<Key> keys = new ArrayList<>();

    PrefixWalk(RocksIterator index) {
      super(index);
      index.seek(start());
    }

    private byte[] start() {
      Optional<Key> after = search.after();
      if (after.isEmpty() || after.get().bytes().compareTo(search.prefix()) < 0) {
        return search.prefix().array();
      }
      byte[] last = after.get().bytes().array();
      // The smallest key that is greater: one zero byte more.
      return Arrays.copyOf(last, last.length + 1);
    }

    boolean ends() throws RocksDBException {
      return keys.size() > search.limit() || exhausted();
    }

    void step() {
      visited++;
      Key key = new Key(Bytes.wrap(index.key()));
      if (key.bytes().endsWith(search.suffix())) {
        keys.add(key);
      }
      index.next();
    }

    Found found(long visitedByOther) {
      return new Found(page(keys), visited + visitedByOther);
    }
  }

  private final class SuffixWalk extends Walk {
    private final PriorityQueue<Key> smallest = new PriorityQueue<>(Comparator.reverseOrder());

    SuffixWalk(RocksIterator index) {
      super(index);
      index.seek(search.suffix().reversed().array());
    }

    boolean ends() throws RocksDBException {
      return exhausted();
    }

    void step() {
      visited++;
      Key key = new Key(Bytes.wrap(index.key()).reversed());
      if (search.matches(key)) {
        smallest.add(key);
        if (smallest.size() > search.limit() + 1) {
          smallest.remove();
        }
      }
      index.next();
    }

    Found found(long visitedByOther) {
      return new Found(page(smallest.stream().sorted().toList()), visited + visitedByOther);
    }
  }

  /** Keeps an iterator to the keys that begin with some bytes, as they were at one moment. */
  private static final class Range implements AutoCloseable {
    private final ReadOptions options = new ReadOptions();
    private final Optional<Slice> end;

    Range(Bytes prefix, Snapshot snapshot) {
      this.end = endOf(prefix).map(Slice::new);
      options.setSnapshot(snapshot);
      end.ifPresent(options::setIterateUpperBound);
    }

    /** The smallest byte string greater than all that begin with the prefix; none above 0xff. */
    private static Optional<byte[]> endOf(Bytes prefix) {
      byte[] array = prefix.array();
      for (int i = array.length - 1; i >= 0; i--) {
        if (array[i] != (byte) 0xff) {
          byte[] end = Arrays.copyOf(array, i + 1);
          end[i]++;
          return Optional.of(end);
        }
      }
      return Optional.empty();
    }

    @Override
    public void close() {
      options.close();
      end.ifPresent(Slice::close);
    }
  }
}
