package io.cloudraft.kvs.service.engine.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloudraft.kvs.service.store.Bytes;
import io.cloudraft.kvs.service.store.Key;
import io.cloudraft.kvs.service.store.Operation;
import io.cloudraft.kvs.service.store.Page;
import io.cloudraft.kvs.service.store.Page.Index;
import io.cloudraft.kvs.service.store.Search;
import io.cloudraft.kvs.service.store.Search.Order;
import io.cloudraft.kvs.service.store.Transaction;
import io.cloudraft.kvs.service.store.Value;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a page costs, counted in index entries looked at: the same on every machine. */
class SearchCostTest {
  private static final int KEYS = 5000;
  private static final int PROMISING = 40;
  @TempDir static Path directory;
  private static RocksDbStore store;

  /**
   * Most keys begin with "user-"; one in a hundred ends with "-x", one in all with "-rare". Of
   * those that begin with "trap-" the first forty end with "-bait", and no others.
   */
  @BeforeAll
  static void fill() {
    store = Stores.open(directory);
    put(
        store,
        IntStream.range(0, KEYS)
            .mapToObj(
                i -> "user-%06d%s".formatted(i, i == 4321 ? "-rare" : i % 100 == 0 ? "-x" : "-y")));
    put(
        store,
        IntStream.range(0, KEYS)
            .mapToObj(i -> "trap-%06d%s".formatted(i, i < PROMISING ? "-bait" : "-y")));
    put(store, Stream.of("admin-000001-y"));
  }

  private static void put(RocksDbStore store, Stream<String> keys) {
    CompletableFuture.allOf(
            keys.map(key -> store.put(Key.of(key), Value.text("")))
                .toArray(CompletableFuture[]::new))
        .join();
  }

  @AfterAll
  static void close() {
    store.close();
  }

  private static Page find(String prefix, String suffix, String after, int limit) {
    return store.search(
        explained(
            prefix,
            suffix,
            after.isEmpty() ? Optional.empty() : Optional.of(Key.of(after)),
            limit));
  }

  private static Search explained(String prefix, String suffix, Optional<Key> after, int limit) {
    return explained(prefix, suffix, after, Order.ASCENDING, limit);
  }

  private static Search explained(
      String prefix, String suffix, Optional<Key> after, Order order, int limit) {
    return new Search(
        Bytes.utf8(prefix),
        Bytes.utf8(suffix),
        after,
        order,
        limit,
        false,
        Long.MAX_VALUE,
        Optional.empty(),
        true);
  }

  private static long visited(Page page) {
    return page.plan().orElseThrow().visited();
  }

  @Test
  void aPageByPrefixCostsThePage() {
    Page found = find("user-", "", "", 10);

    assertThat(found.keys()).hasSize(10);
    assertThat(visited(found)).isEqualTo(11);
  }

  @Test
  void aLaterPageCostsNoMoreThanTheFirst() {
    assertThat(visited(find("user-", "", "user-004000", 10))).isEqualTo(11);
  }

  @Test
  void aRareSuffixUnderACommonPrefixCostsTheSuffix() {
    Page found = find("user-", "-rare", "", 10);

    assertThat(found.keys()).hasToString("[user-004321-rare]");
    assertThat(visited(found)).isEqualTo(2);
  }

  @Test
  void aRarePrefixUnderACommonSuffixCostsThePrefix() {
    Page found = find("admin-", "-y", "", 10);

    assertThat(found.keys()).hasToString("[admin-000001-y]");
    assertThat(visited(found)).isEqualTo(2);
  }

  @Test
  void oneInAHundredCostsAtMostTwiceTheSmallerRange() {
    Page found = find("user-", "-x", "", 1000);

    assertThat(found.keys()).hasSize(50);
    assertThat(visited(found)).isEqualTo(2 * 50);
  }

  @Test
  void twoCommonEndsCostThePageAndAQuarter() {
    Page found = find("user-", "-y", "", 200);

    assertThat(found.keys()).hasSize(200);
    // Another one, that tells whether more follow, and three that end with -x.
    assertThat(visited(found)).isBetween(204L, 204L * 5 / 4 + 1);
  }

  /** The walk by prefix finds what it would fill the page with, and then nothing more. */
  @Test
  void aPromiseThatIsNotKeptCostsAtMostFiveTimesTheSuffix() {
    Page found = find("trap-", "-bait", "", PROMISING + 10);

    assertThat(found.keys()).hasSize(PROMISING);
    assertThat(found.plan().orElseThrow().index()).isEqualTo(Index.SUFFIX);
    assertThat(visited(found)).isBetween(2L * PROMISING, 5L * PROMISING);
  }

  @Test
  void costsAtMostTwiceThePrefixAndFiveTimesTheSuffixWhateverIsAskedFor(@TempDir Path other) {
    Random random = new Random(1);
    List<Key> keys =
        random.ints(1000, 0, 1 << 12).distinct().mapToObj(SearchCostTest::word).sorted().toList();
    List<String> ends = List.of("a", "b", "aa", "ab", "ba", "abb", "bbab", "aaaaaa", "babbaba");
    try (RocksDbStore words = Stores.open(other)) {
      put(words, keys.stream().map(Key::toString));
      for (int i = 0; i < 3000; i++) {
        Search search =
            explained(
                i % 4 == 0 ? "" : ends.get(random.nextInt(ends.size())),
                ends.get(random.nextInt(ends.size())),
                i % 3 == 0 ? Optional.of(keys.get(random.nextInt(keys.size()))) : Optional.empty(),
                i % 2 == 0 ? Order.ASCENDING : Order.DESCENDING,
                1 + random.nextInt(100));

        assertThat(visited(words.search(search)))
            .as("%s", search)
            .isLessThanOrEqualTo(2 * costByPrefix(keys, search))
            .isLessThanOrEqualTo(5 * costBySuffix(keys, search));
      }
    }
  }

  private static Key word(int number) {
    return Key.of(Integer.toBinaryString(number).replace('0', 'a').replace('1', 'b'));
  }

  /** How many keys of the prefix there are up to the one that shows that the page is full. */
  private static long costByPrefix(List<Key> sorted, Search search) {
    List<Key> range =
        (search.order() == Order.ASCENDING ? sorted : sorted.reversed())
            .stream()
                .filter(key -> key.bytes().startsWith(search.prefix()))
                .filter(key -> isAfter(key, search))
                .toList();
    return range.stream()
        .filter(search::matches)
        .skip(search.limit())
        .findFirst()
        .map(last -> range.indexOf(last) + 1L)
        .orElse((long) range.size());
  }

  private static boolean isAfter(Key key, Search search) {
    return search
        .after()
        .map(
            after ->
                search.order() == Order.ASCENDING ? key.compareTo(after) : after.compareTo(key))
        .map(order -> order > 0)
        .orElse(true);
  }

  private static long costBySuffix(List<Key> keys, Search search) {
    return keys.stream().filter(key -> key.bytes().endsWith(search.suffix())).count();
  }

  @Test
  void saysWhichIndexItWalked() {
    assertThat(find("user-", "-rare", "", 10).plan().orElseThrow().index()).isEqualTo(Index.SUFFIX);
    assertThat(find("admin-", "-y", "", 10).plan().orElseThrow().index()).isEqualTo(Index.PREFIX);
    assertThat(find("user-", "", "", 10).plan().orElseThrow().index()).isEqualTo(Index.PREFIX);
  }

  /** RocksDB's estimate is good for whole tables and for what lies in memory. */
  @Test
  void estimatesBothRanges() {
    Page.Plan plan = find("user-", "-x", "", 10).plan().orElseThrow();

    assertThat(plan.estimatedByPrefix()).isBetween(KEYS / 2L, KEYS * 2L);
    assertThat(plan.estimatedBySuffix()).isBetween(0L, KEYS / 10L);
  }

  /** Half of the keys begin with "left-", the other half ends with "-right", and one does both. */
  @Test
  void twoLargeRangesWithLittleInCommonCostNoMoreThanTheBoundForEachPage(@TempDir Path other) {
    int half = (int) SearchWalk.MAX_VISITED;
    Key both = Key.of("left-%07d-right".formatted(half));
    List<Operation> puts = new ArrayList<>();
    for (int i = 0; i < half; i++) {
      puts.add(new Operation.Put(Key.of("left-%07d".formatted(i)), Value.text("")));
      puts.add(new Operation.Put(Key.of("%07d-right".formatted(i)), Value.text("")));
    }
    puts.add(new Operation.Put(both, Value.text("")));
    try (RocksDbStore large = Stores.open(other)) {
      CompletableFuture<?> last = CompletableFuture.completedFuture(null);
      for (int i = 0; i < puts.size(); i += 10_000) {
        last =
            large.commit(
                new Transaction(
                    List.of(), puts.subList(i, Math.min(i + 10_000, puts.size())), List.of()));
      }
      last.join();
      List<Key> found = new ArrayList<>();
      Optional<Key> after = Optional.empty();
      int pages = 0;
      do {
        Page page = large.search(explained("left-", "-right", after, 10));
        assertThat(visited(page)).isLessThanOrEqualTo(SearchWalk.MAX_VISITED);
        found.addAll(page.keys());
        after = page.resumeAfter();
        pages++;
      } while (after.isPresent());

      assertThat(found).containsExactly(both);
      assertThat(pages).isGreaterThan(1);
      assertThat(large.count(Bytes.utf8("left-"), Bytes.utf8("-right")).exact()).isFalse();
    }
  }

  @Test
  void anEmptyRangeCostsNothing() {
    assertThat(visited(find("user-", "-nobody", "", 10))).isZero();
    assertThat(visited(find("nobody-", "", "", 10))).isZero();
  }
}
