package io.cloudraft.kvs.service.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ExpiryTest {

  @ParameterizedTest
  @CsvSource({
    "1, 1000",
    "0.001, 1",
    "0.01, 10",
    "0.1, 100",
    "1.5, 1500",
    "12.034, 12034",
    "00.5, 500",
    "3153600000, 3153600000000",
    "3153599999.999, 3153599999999",
  })
  void readsSecondsToTheMillisecond(String text, long millis) {
    assertThat(Expiry.parseTtl(text, "x")).hasMillis(millis);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ".",
        "0",
        "0.0",
        "-1",
        "1.",
        ".1",
        "1.0000",
        "1.2.3",
        "1e1",
        " 1",
        "1 ",
        "a",
        "1.a",
        "٣",
        "3153600000.001",
        "9223372036854775807",
        "1.-1"
      })
  void refusesOtherSeconds(String text) {
    assertThatThrownBy(() -> Expiry.parseTtl(text, "field \"ttl\""))
        .isInstanceOf(RequestRefused.class)
        .hasMessage(
            "The field \"ttl\" must be seconds from 0.001 to 3153600000 with at most 3 decimals, not \"%s\"."
                .formatted(text));
  }

  @Test
  void writesMillisecondsAlsoWhenThereAreNone() {
    assertThat(Expiry.format(Instant.ofEpochSecond(0))).isEqualTo("1970-01-01T00:00:00.000Z");
    assertThat(Expiry.format(Instant.ofEpochMilli(1_234_567_890_120L)))
        .isEqualTo("2009-02-13T23:31:30.120Z");
  }

  @ParameterizedTest
  @CsvSource({
    "2009-02-13T23:31:30.120Z, 2009-02-13T23:31:30.120Z",
    "2009-02-13T23:31:30Z, 2009-02-13T23:31:30.000Z",
    "2009-02-14T01:31:30.120+02:00, 2009-02-13T23:31:30.120Z",
    "2009-02-13T23:31:30.120001Z, 2009-02-13T23:31:30.121Z",
    "9999-12-31T23:59:59.999Z, 9999-12-31T23:59:59.999Z",
  })
  void readsMomentsAndRoundsUp(String text, String moment) {
    assertThat(Expiry.format(Expiry.parse(text, "x"))).isEqualTo(moment);
  }

  /** Deadlines are kept in an order of bytes, in which a negative number would come last. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "0000-01-01T00:00:00Z",
        "1969-12-31T23:59:59Z",
        "1969-12-31T23:59:59.9991Z",
        "1970-01-01T00:30:00+01:00",
        "1970-01-01T00:00:00Z"
      })
  void readsWhatIsBefore1970AsItsFirstMoment(String text) {
    assertThat(Expiry.parse(text, "x")).isEqualTo(Instant.EPOCH);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "2009-02-13",
        "2009-02-13T23:31:30",
        "2009-02-30T00:00:00Z",
        "now",
        "+10000-01-01T00:00:00Z",
        "-0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59.9991Z"
      })
  void refusesWhatIsNoMoment(String text) {
    assertThatThrownBy(() -> Expiry.parse(text, "field \"expires\""))
        .isInstanceOf(RequestRefused.class)
        .hasMessageContaining("The field \"expires\" must be a moment as in RFC 3339")
        .hasMessageContaining("not \"" + text + "\"");
  }
}
