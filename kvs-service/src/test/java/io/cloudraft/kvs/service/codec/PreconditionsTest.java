package io.cloudraft.kvs.service.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cloudraft.kvs.service.store.Compare;
import io.cloudraft.kvs.service.store.Key;
import io.cloudraft.kvs.service.store.Revision;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PreconditionsTest {
  private static final Key KEY = Key.of("a");

  private static Set<Revision> revisions(String numbers) {
    return Arrays.stream(numbers.split(" "))
        .filter(number -> !number.equals("-"))
        .map(number -> new Revision(Long.parseLong(number)))
        .collect(Collectors.toSet());
  }

  @Test
  void areNoneWithoutHeaders() {
    assertThat(Preconditions.parse(KEY, null, null)).isSameAs(Preconditions.NONE);
    assertThat(Preconditions.NONE.compares()).isEmpty();
  }

  @Test
  void meanAnyRevisionByAStar() {
    Preconditions both = Preconditions.parse(KEY, " * ", "*");

    assertThat(both.compares())
        .containsExactly(new Compare.Exists(KEY, true), new Compare.Exists(KEY, false));
    assertThat(both.header(0)).isEqualTo("If-Match");
    assertThat(both.header(1)).isEqualTo("If-None-Match");
    assertThat(Preconditions.parse(KEY, null, "*").header(0)).isEqualTo("If-None-Match");
  }

  /** A tag that is no revision is legal, and no key has it. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "\"12\" | 12",
        "\"12\",\"13\" | 12 13",
        " \"12\" ,\t\"13\" , | 12 13",
        ",,\"1\" | 1",
        "\"999999999999999999\" | 999999999999999999",
        "\"9999999999999999999\" | -",
        "\"0\" | -",
        "\"012\" | -",
        "\"-1\" | -",
        "\"+1\" | -",
        "\"12-gzip\", \"7\" | 7",
        "\"a,b\" | -",
        "\"\" | -",
        "\"é\" | -",
        "\"!#~\\\" | -",
      })
  void readListsOfTags(String header, String revisions) {
    assertThat(Preconditions.parse(KEY, header, header).compares())
        .containsExactly(
            new Compare.ModifiedAt(KEY, revisions(revisions)),
            new Compare.NotModifiedAt(KEY, revisions(revisions)));
  }

  @Test
  void takeWeakTagsOnlyWhereTheyMakeNoDifference() {
    assertThat(Preconditions.parse(KEY, null, "W/\"1\", \"2\", W/\"x\"").compares())
        .containsExactly(new Compare.NotModifiedAt(KEY, revisions("1 2")));
    assertThatThrownBy(() -> Preconditions.parse(KEY, "\"2\", W/\"1\"", null))
        .isInstanceOf(RequestRefused.class)
        .hasMessageContaining("If-Match has the weak tag W/\"1\" at position 6");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        ",",
        "1",
        "'1'",
        "\"1",
        "1\"",
        "\"1\"\"2\"",
        "\"1\" \"2\"",
        "*,*",
        "*,\"1\"",
        "\"1\",*",
        "\"1\u0000\"",
        "\"1 2\"",
        "w/\"1\"",
        "W/1",
        "W/",
        "W/ \"1\"",
        "\"1\";\"2\""
      })
  void refuseWhatIsNoListOfTags(String header) {
    assertThatThrownBy(() -> Preconditions.parse(KEY, header, null))
        .isInstanceOf(RequestRefused.class)
        .hasMessageContaining("The header If-Match must be *");
    assertThatThrownBy(() -> Preconditions.parse(KEY, null, header))
        .isInstanceOf(RequestRefused.class)
        .hasMessageContaining("The header If-None-Match must be *");
  }
}
