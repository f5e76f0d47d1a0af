package io.cloudraft.kvs.service.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cloudraft.kvs.service.store.Bytes;
import io.cloudraft.kvs.service.store.Key;
import io.cloudraft.kvs.service.store.Search;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SearchQueryTest {

  @Test
  void isAllKeysWhenThereIsNoQuery() {
    Search all = Search.keys(Bytes.EMPTY, Bytes.EMPTY, Optional.empty(), 1000);

    assertThat(SearchQuery.parse(null).search()).isEqualTo(all);
    assertThat(SearchQuery.parse("").search()).isEqualTo(all);
    assertThat(SearchQuery.parse("prefix=&suffix&after=").search()).isEqualTo(all);
  }

  @Test
  void readsEveryParameter() {
    assertThat(SearchQuery.parse("limit=7&after=c%26&suffix=-1&prefix=a%2Bb+c%3D=").search())
        .isEqualTo(
            Search.keys(Bytes.utf8("a+b c=="), Bytes.utf8("-1"), Optional.of(Key.of("c&")), 7));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"0", "-1", "10001", "x", "1.0", "", "+1", "99999999999999999999", "%D9%A1"})
  void refusesALimitThatIsNone(String limit) {
    assertThatThrownBy(() -> SearchQuery.parse("limit=" + limit))
        .isInstanceOf(RequestRefused.class)
        .hasMessageContaining("\"limit\" must be a whole number from 1 to 10000");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "prefx=a | \"prefx\" is unknown: there are \"prefix\", \"suffix\", \"limit\" and \"after\"",
        "prefix=a&prefix=b | \"prefix\" is there twice",
        "limit=1&limit=1 | \"limit\" is there twice",
        "prefix=%ff | parameter \"prefix\" is not UTF-8",
        "suffix=%2 | parameter \"suffix\" has \"%2\" at position 1",
        "%zz=1 | name of a parameter",
        "=1 | parameter \"\" is unknown",
      })
  void refusesWithWhatIsWrong(String query, String message) {
    assertThatThrownBy(() -> SearchQuery.parse(query))
        .isInstanceOf(RequestRefused.class)
        .hasMessageContaining(message);
  }

  @Test
  void leadsToTheNextPageOfTheSameSearch() {
    SearchQuery query = SearchQuery.parse("prefix=a+%26%C3%A9&limit=2");

    String next = query.next(Key.of("a &é%/😀>"));

    assertThat(next).matches("\\?[A-Za-z0-9=&%+._*-]+");
    Search followed = SearchQuery.parse(next.substring(1)).search();
    assertThat(followed)
        .isEqualTo(
            Search.keys(Bytes.utf8("a &é"), Bytes.EMPTY, Optional.of(Key.of("a &é%/😀>")), 2));
  }

  @Test
  void movesOnFromPageToPage() {
    SearchQuery second = SearchQuery.parse("after=a&limit=1");

    assertThat(second.next(Key.of("b"))).isEqualTo("?after=b&limit=1");
  }
}
