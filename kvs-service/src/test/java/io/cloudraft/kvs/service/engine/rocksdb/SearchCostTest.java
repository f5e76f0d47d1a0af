package io.cloudraft.kvs.service.engine.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloudraft.kvs.service.store.Bytes;
import io.cloudraft.kvs.service.store.Key;
import io.cloudraft.kvs.service.store.Search;
import io.cloudraft.kvs.service.store.Value;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a page costs, counted in index entries looked at: the same on every machine. */
class SearchCostTest {
  private static final int KEYS = 5000;
  @TempDir static Path directory;
  private static RocksDbStore store;

  /** All keys begin with "user-"; one in a hundred ends with "-x", one in all with "-rare". */
  @BeforeAll
  static void fill() {
    store = Stores.open(directory);
    CompletableFuture.allOf(
            IntStream.range(0, KEYS)
                .mapToObj(
                    i ->
                        "user-%06d%s"
                            .formatted(i, i == 4321 ? "-rare" : i % 100 == 0 ? "-x" : "-y"))
                .map(key -> store.put(Key.of(key), Value.text("")))
                .toArray(CompletableFuture[]::new))
        .join();
    store.put(Key.of("admin-000001-y"), Value.text("")).join();
  }

  @AfterAll
  static void close() {
    store.close();
  }

  private static SearchWalk.Found find(String prefix, String suffix, String after, int limit) {
    return store.find(
        new Search(
            Bytes.utf8(prefix),
            Bytes.utf8(suffix),
            after.isEmpty() ? Optional.empty() : Optional.of(Key.of(after)),
            limit));
  }

  @Test
  void aPageByPrefixCostsThePage() {
    SearchWalk.Found found = find("user-", "", "", 10);

    assertThat(found.page().keys()).hasSize(10);
    assertThat(found.visited()).isEqualTo(11);
  }

  @Test
  void aLaterPageCostsNoMoreThanTheFirst() {
    assertThat(find("user-", "", "user-004000", 10).visited()).isEqualTo(11);
  }

  @Test
  void aRareSuffixUnderACommonPrefixCostsTheSuffix() {
    SearchWalk.Found found = find("user-", "-rare", "", 10);

    assertThat(found.page().keys()).hasToString("[user-004321-rare]");
    assertThat(found.visited()).isEqualTo(2);
  }

  @Test
  void aRarePrefixUnderACommonSuffixCostsThePrefix() {
    SearchWalk.Found found = find("admin-", "-y", "", 10);

    assertThat(found.page().keys()).hasToString("[admin-000001-y]");
    assertThat(found.visited()).isEqualTo(2);
  }

  @Test
  void oneInAHundredCostsAtMostTwiceTheSmallerRange() {
    SearchWalk.Found found = find("user-", "-x", "", 1000);

    assertThat(found.page().keys()).hasSize(50);
    assertThat(found.visited()).isEqualTo(2 * 50);
  }

  @Test
  void twoCommonEndsCostThePage() {
    SearchWalk.Found found = find("user-", "-y", "", 10);

    assertThat(found.page().keys()).hasSize(10);
    // The eleventh, that tells whether more follow, and one that ends with -x; by both walks.
    assertThat(found.visited()).isEqualTo(2 * 12);
  }

  @Test
  void anEmptyRangeCostsNothing() {
    assertThat(find("user-", "-nobody", "", 10).visited()).isZero();
    assertThat(find("nobody-", "", "", 10).visited()).isZero();
  }
}
