package io.cloudraft.kvs.service.engine.etcd;

import com.google.protobuf.ByteString;
import io.cloudraft.kvs.service.store.Bytes;
import io.cloudraft.kvs.service.store.Count;
import io.cloudraft.kvs.service.store.Key;
import io.cloudraft.kvs.service.store.Page;
import io.cloudraft.kvs.service.store.Page.Index;
import io.cloudraft.kvs.service.store.Page.Item;
import io.cloudraft.kvs.service.store.Page.Plan;
import io.cloudraft.kvs.service.store.Search;
import io.cloudraft.kvs.service.store.Search.Order;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeResponse;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * Finds one page of a search by two walks that go a portion at a time, both in one request: one
 * through the keys of the prefix, which ends when the page is full or the range is; one through the
 * reversed keys of the suffix, which ends when its range does. The first to end has the page, so
 * that nothing needs to be estimated beforehand.
 *
 * <p>Two large ranges that have little in common can be long in ending both. After {@link
 * #MAX_VISITED} keys the page is what the first walk found so far, and says where to go on.
 */
final class SearchWalk {
  /** How many keys one search looks at, at most. */
  static final long MAX_VISITED = 100_000;

  private static final int FIRST_PORTION = 1000;
  private static final int LARGEST_PORTION = 5000;

  /** About so much is asked for at once, of both walks together. */
  private static final int PORTION_BYTES = 1024 * 1024;

  private final Moment moment;
  private final KeySpace keys;
  private final Search search;

  /** Whether keys are only counted: then none is kept, as there may be as many as are visited. */
  private final boolean counts;

  private final PrefixWalk byPrefix;
  private final @Nullable SuffixWalk bySuffix;

  private SearchWalk(Moment moment, KeySpace keys, Search search, boolean counts) {
    this.moment = moment;
    this.keys = keys;
    this.search = search;
    this.counts = counts;
    this.byPrefix = new PrefixWalk();
    this.bySuffix = search.suffix().isEmpty() ? null : new SuffixWalk();
  }

  /**
   * The page.
   *
   * @param since a revision of etcd that must not be compacted, or 0
   */
  static Page find(Moment moment, KeySpace keys, Search search, long since) {
    return new SearchWalk(moment, keys, search, false).page(since);
  }

  /** How many keys there are, up to the bound. */
  static Count count(Moment moment, KeySpace keys, Bytes prefix, Bytes suffix) {
    Search all = Search.keys(prefix, suffix, Optional.empty(), (int) MAX_VISITED);
    Walk winner = new SearchWalk(moment, keys, all, true).race(0);
    return new Count(winner.matches, winner.ended);
  }

  private Page page(long since) {
    Walk winner = race(since);
    List<Key> found = winner.found();
    List<Item> items = items(found.subList(0, Math.min(found.size(), search.limit())));
    return new Page(
        moment.revision(),
        items,
        resumeAfter(found, items, winner),
        search.explain() ? Optional.of(plan(winner)) : Optional.empty());
  }

  private List<Item> items(List<Key> found) {
    if (search.values()) {
      return moment.items(found, search.maxBytes());
    }
    List<Item> items = new ArrayList<>(found.size());
    long bytes = 0;
    for (Key key : found) {
      if (bytes >= search.maxBytes()) {
        break;
      }
      bytes += key.bytes().size();
      items.add(new Item(key, Optional.empty()));
    }
    return items;
  }

  private Optional<Key> resumeAfter(List<Key> found, List<Item> items, Walk winner) {
    if (items.size() < found.size()) {
      return Optional.of(items.getLast().key());
    }
    return winner.ended ? Optional.empty() : Optional.ofNullable(byPrefix.last);
  }

  private Plan plan(Walk winner) {
    List<RangeResponse> counts =
        moment.ask(
            List.of(
                keys.entries().range(search.prefix()).setCountOnly(true),
                keys.reversed().range(search.suffix().reversed()).setCountOnly(true)));
    return new Plan(
        winner == byPrefix ? Index.PREFIX : Index.SUFFIX,
        counts.getFirst().getCount(),
        counts.getLast().getCount(),
        byPrefix.visited + (bySuffix == null ? 0 : bySuffix.visited));
  }

  /** The walk that ended first; that by prefix when neither did in time. */
  private Walk race(long since) {
    Portion portion =
        new Portion(Math.min(search.limit() + 2, FIRST_PORTION), LARGEST_PORTION, PORTION_BYTES);
    boolean first = true;
    while (true) {
      List<RangeRequest.Builder> questions = new ArrayList<>(byPrefix.questions(portion.size()));
      if (bySuffix != null) {
        questions.add(bySuffix.question(portion.size()));
      }
      if (first && since > 0) {
        questions.add(
            RangeRequest.newBuilder().setKey(keys.identity()).setKeysOnly(true).setRevision(since));
      }
      first = false;
      List<RangeResponse> answers = moment.ask(questions);
      byPrefix.take(answers.get(0), answers.get(1));
      if (bySuffix != null) {
        bySuffix.take(answers.get(2));
      }
      if (bySuffix != null
          && bySuffix.ended
          && (!byPrefix.ended || bySuffix.visited < byPrefix.visited)) {
        return bySuffix;
      }
      if (byPrefix.ended || byPrefix.visited >= MAX_VISITED / 2) {
        return byPrefix;
      }
      portion.came(
          answers.stream().mapToInt(RangeResponse::getKvsCount).max().orElse(0),
          answers.stream().mapToLong(RangeResponse::getSerializedSize).sum());
    }
  }

  /**
   * A walk over one index. One key more than the limit is looked for: it tells whether more follow.
   */
  private abstract class Walk {
    long visited;

    /** How many of these match. */
    long matches;

    /** Whether all keys of the page are found. */
    boolean ended;

    final void match(Key key) {
      matches++;
      if (!counts) {
        keep(key);
      }
    }

    abstract void keep(Key key);

    /** The matching keys so far, in the order asked for. */
    abstract List<Key> found();
  }

  private final class PrefixWalk extends Walk {
    private final List<Key> found = new ArrayList<>();
    private final boolean ascending = search.order() == Order.ASCENDING;
    private ByteString from = start();
    private ByteString end = end();
    private @Nullable Key last;

    private ByteString start() {
      Optional<Key> after = search.after();
      return !ascending || after.isEmpty() || after.get().bytes().compareTo(search.prefix()) < 0
          ? keys.entries().startOf(search.prefix())
          : behind(after.get());
    }

    private ByteString end() {
      ByteString endOfPrefix = keys.entries().endOf(search.prefix());
      if (ascending || search.after().isEmpty()) {
        return endOfPrefix;
      }
      ByteString after = keys.entry(search.after().get());
      return ByteString.unsignedLexicographicalComparator().compare(after, endOfPrefix) < 0
          ? after
          : endOfPrefix;
    }

    /** The smallest key that is greater: one zero byte more. */
    private ByteString behind(Key key) {
      byte[] bytes = key.bytes().array();
      return keys.entries().of(Arrays.copyOf(bytes, bytes.length + 1));
    }

    /**
     * For keys, and for the deadlines of those that have one. As each deadline belongs to a key, as
     * many deadlines as keys reach at least as far as they do.
     */
    List<RangeRequest.Builder> questions(int portion) {
      return List.of(
          ordered(RangeRequest.newBuilder().setKey(from).setRangeEnd(end), portion)
              .setKeysOnly(true),
          ordered(
              RangeRequest.newBuilder().setKey(deadline(from)).setRangeEnd(deadline(end)),
              portion));
    }

    /** The place among the deadlines for one among the entries. */
    private ByteString deadline(ByteString place) {
      return keys.isBehindEntries(place)
          ? keys.deadlines().endOf(Bytes.EMPTY)
          : keys.deadlines().of(keys.entries().rest(place));
    }

    private RangeRequest.Builder ordered(RangeRequest.Builder range, int portion) {
      range.setLimit(portion);
      return ascending
          ? range
          : range
              .setSortTarget(RangeRequest.SortTarget.KEY)
              .setSortOrder(RangeRequest.SortOrder.DESCEND);
    }

    void take(RangeResponse entries, RangeResponse deadlines) {
      Map<Key, Instant> expiring = new HashMap<>();
      for (KeyValue deadline : deadlines.getKvsList()) {
        expiring.put(keys.keyOfDeadline(deadline.getKey()), KeySpace.decode(deadline.getValue()));
      }
      for (KeyValue entry : entries.getKvsList()) {
        visited++;
        Key key = keys.keyOfEntry(entry.getKey());
        Instant deadline = expiring.get(key);
        if (search.matches(key) && (deadline == null || !moment.hasPassed(deadline))) {
          match(key);
        }
        last = key;
        if (matches > search.limit()) {
          break;
        }
      }
      ended = matches > search.limit() || !entries.getMore();
      if (last != null && ascending) {
        from = behind(last);
      } else if (last != null) {
        end = keys.entry(last);
      }
    }

    @Override
    void keep(Key key) {
      found.add(key);
    }

    @Override
    List<Key> found() {
      return found;
    }
  }

  private final class SuffixWalk extends Walk {
    private final Comparator<Key> order =
        search.order() == Order.ASCENDING ? Comparator.naturalOrder() : Comparator.reverseOrder();
    private final PriorityQueue<Key> first = new PriorityQueue<>(order.reversed());
    private final ByteString end = keys.reversed().endOf(search.suffix().reversed());
    private ByteString from = keys.reversed().startOf(search.suffix().reversed());

    RangeRequest.Builder question(int portion) {
      return RangeRequest.newBuilder().setKey(from).setRangeEnd(end).setLimit(portion);
    }

    void take(RangeResponse answer) {
      for (KeyValue kv : answer.getKvsList()) {
        visited++;
        Key key = keys.keyOfReversed(kv.getKey());
        if (search.matches(key)
            && (kv.getValue().isEmpty() || !moment.hasPassed(KeySpace.decode(kv.getValue())))) {
          match(key);
        }
      }
      ended = !answer.getMore();
      if (!ended) {
        from = answer.getKvs(answer.getKvsCount() - 1).getKey().concat(KeySpace.ZERO);
      }
    }

    @Override
    void keep(Key key) {
      first.add(key);
      if (first.size() > search.limit() + 1) {
        first.remove();
      }
    }

    @Override
    List<Key> found() {
      return first.stream().sorted(order).toList();
    }
  }
}
