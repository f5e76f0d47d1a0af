package io.cloudraft.kvs.service.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cloudraft.kvs.service.store.Bytes;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullAndEmptySource;
import org.junit.jupiter.params.provider.ValueSource;

class ParametersTest {
  private static final List<String> KNOWN = List.of("key", "bytes", "values", "order");

  private static Parameters parse(String query) {
    return Parameters.parse(query, KNOWN);
  }

  @ParameterizedTest
  @NullAndEmptySource
  @ValueSource(strings = {"&", "&&"})
  void areNoneWithoutAQuery(String query) {
    Parameters none = Parameters.parse(query, KNOWN);

    assertThat(none.has("key")).isFalse();
    assertThat(none.given("key")).isEmpty();
    assertThat(none.text("key")).isEqualTo(Bytes.EMPTY);
    assertThat(none.number("bytes", 7, 1, 9)).isEqualTo(7);
    assertThat(none.flag("values")).isFalse();
    assertThat(none.oneOf("order", 1, Map.of("asc", 2))).isEqualTo(1);
  }

  @Test
  void areDecodedOnceWithAPlusForASpace() {
    Parameters parameters = parse("%6Bey=a+b%2B%25%32%35%C3%A9%00=&values=true&");

    assertThat(parameters.text("key")).isEqualTo(Bytes.utf8("a b+%25é\0="));
    assertThat(parameters.flag("values")).isTrue();
  }

  @Test
  void tellAnEmptyOneFromOneThatIsNotThere() {
    assertThat(parse("key=").given("key")).contains(Bytes.EMPTY);
    assertThat(parse("key").given("key")).contains(Bytes.EMPTY);
    assertThat(parse("bytes=1").given("key")).isEmpty();
  }

  @Test
  void readNumbersUpToBothEnds() {
    assertThat(parse("bytes=1").number("bytes", 7, 1, 999_999_999_999_999_999L)).isEqualTo(1);
    assertThat(parse("bytes=999999999999999999").number("bytes", 7, 1, 999_999_999_999_999_999L))
        .isEqualTo(999_999_999_999_999_999L);
    assertThat(parse("bytes=0009").number("bytes", 7, 1, 9)).isEqualTo(9);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "0", "10", "-1", "+1", "1.0", "x", "%D9%A1", "99999999999999999999"})
  void refuseWhatIsNoNumberInRange(String number) {
    assertThatThrownBy(() -> parse("bytes=" + number).number("bytes", 7, 1, 9))
        .isInstanceOf(RequestRefused.class)
        .hasMessageStartingWith("The parameter \"bytes\" must be a whole number from 1 to 9, not ");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "values=yes | \"values\" must be \"false\" or \"true\", not \"yes\".",
        "values= | \"values\" must be \"false\" or \"true\", not \"\".",
        "order=up | \"order\" must be \"asc\" or \"desc\", not \"up\".",
      })
  void refuseAnotherWordByNamingThoseThereAre(String query, String message) {
    assertThatThrownBy(
            () -> {
              Parameters parameters = parse(query);
              parameters.flag("values");
              parameters.oneOf("order", 1, Map.of("asc", 1, "desc", 2));
            })
        .isInstanceOf(RequestRefused.class)
        .hasMessageEndingWith(message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "keys=a | \"keys\" is unknown: there are \"key\", \"bytes\", \"values\" and \"order\".",
        "key=a&bytes=1&key=b | \"key\" is there twice.",
        "key&key | \"key\" is there twice.",
        "key=%ff | \"key\" is not UTF-8",
        "key=%2 | \"key\" has \"%2\" at position 1",
        "=1 | \"\" is unknown",
      })
  void refuseWhatIsUnknownRepeatedOrNotEncoded(String query, String message) {
    assertThatThrownBy(() -> parse(query))
        .isInstanceOf(RequestRefused.class)
        .hasMessageContaining(message);
  }

  @Test
  void nameTheOnlyOneOrNone() {
    assertThatThrownBy(() -> Parameters.parse("a=1", List.of("ttl")))
        .hasMessage("The parameter \"a\" is unknown: there is only \"ttl\".");
    assertThatThrownBy(() -> Parameters.parse("a=1", List.of()))
        .hasMessage("The parameter \"a\" is unknown: there are none here.");
  }
}
