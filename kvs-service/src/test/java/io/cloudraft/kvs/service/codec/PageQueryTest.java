package io.cloudraft.kvs.service.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cloudraft.kvs.service.store.Bytes;
import io.cloudraft.kvs.service.store.Key;
import io.cloudraft.kvs.service.store.Page;
import io.cloudraft.kvs.service.store.Revision;
import io.cloudraft.kvs.service.store.Search;
import io.cloudraft.kvs.service.store.Search.Order;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PageQueryTest {
  private static final Bytes SECRET = Bytes.wrap(new byte[32]);

  private static PageQuery parse(String query) {
    return PageQuery.parse(query, SECRET);
  }

  private static String cursorAfter(PageQuery query, String key, long revision) {
    Page page =
        new Page(new Revision(revision), List.of(), Optional.of(Key.of(key)), Optional.empty());
    return query.next(page, SECRET).orElseThrow();
  }

  @Test
  void asksForTheFirstThousandKeysWithinAMebibyteUnlessToldOtherwise() {
    PageQuery plain = PageQuery.parse(null, SECRET);

    assertThat(plain.search())
        .isEqualTo(
            new Search(
                Bytes.EMPTY,
                Bytes.EMPTY,
                Optional.empty(),
                Order.ASCENDING,
                1000,
                false,
                1_048_576,
                Optional.empty(),
                false));
    assertThat(plain.count()).isFalse();
  }

  @Test
  void readsEveryParameter() {
    PageQuery query =
        parse(
            "prefix=a+b&suffix=%2B&limit=10000&bytes=16777216&values=true&order=desc&count=true&explain=true");

    assertThat(query.search())
        .isEqualTo(
            new Search(
                Bytes.utf8("a b"),
                Bytes.utf8("+"),
                Optional.empty(),
                Order.DESCENDING,
                10_000,
                true,
                16_777_216,
                Optional.empty(),
                true));
    assertThat(query.count()).isTrue();
  }

  @Test
  void goesOnWithTheSameSearchAtTheRevisionOfItsFirstPage() {
    String second = cursorAfter(parse("prefix=a&order=desc&values=true&limit=2"), "ab", 7);
    PageQuery followed = parse("limit=3&count=true&cursor=" + second);

    assertThat(followed.search())
        .isEqualTo(
            new Search(
                Bytes.utf8("a"),
                Bytes.EMPTY,
                Optional.of(Key.of("ab")),
                Order.DESCENDING,
                3,
                true,
                1_048_576,
                Optional.of(new Revision(7)),
                false));
    String third = cursorAfter(followed, "aa", 9);
    assertThat(parse("cursor=" + third).search().since()).contains(new Revision(7));
  }

  @Test
  void hasNoCursorAfterTheLastPage() {
    Page last = new Page(new Revision(1), List.of(), Optional.empty(), Optional.empty());

    assertThat(parse("prefix=a").next(last, SECRET)).isEmpty();
  }

  @Test
  void takesTheSearchAgainBesideItsCursor() {
    String search = "prefix=a&suffix=&order=desc&values=true";
    String cursor = cursorAfter(parse(search), "ab", 7);

    assertThat(parse(search + "&cursor=" + cursor).search())
        .isEqualTo(parse("cursor=" + cursor).search());
  }

  @ParameterizedTest
  @CsvSource({
    "prefix=b,prefix",
    "prefix=,prefix",
    "suffix=x,suffix",
    "order=asc,order",
    "values=false,values"
  })
  void refusesAnotherSearchThanThatOfTheCursor(String other, String name) {
    String cursor = cursorAfter(parse("prefix=a&order=desc&values=true"), "ab", 7);

    assertThatThrownBy(() -> parse(other + "&cursor=" + cursor))
        .isInstanceOfSatisfying(
            RequestRefused.class,
            refused -> assertThat(refused.code()).isEqualTo(ErrorCode.MALFORMED))
        .hasMessageContaining("\"%s\" is not that of the search", name);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "limit=10001 | \"limit\" must be a whole number from 1 to 10000",
        "bytes=0 | \"bytes\" must be a whole number from 1 to 16777216",
        "bytes=16777217 | \"bytes\" must be a whole number from 1 to 16777216",
        "order=up | \"order\" must be \"asc\" or \"desc\"",
        "count=1 | \"count\" must be \"false\" or \"true\"",
        "after=a | \"after\" is unknown",
      })
  void refusesWhatIsOutOfRangeOrUnknown(String query, String message) {
    assertThatThrownBy(() -> parse(query)).hasMessageContaining(message);
  }

  @Test
  void refusesACursorThatItDidNotMake() {
    assertThatThrownBy(() -> parse("cursor=AAAA"))
        .isInstanceOfSatisfying(
            RequestRefused.class,
            refused -> assertThat(refused.code()).isEqualTo(ErrorCode.CURSOR_INVALID));
  }
}
