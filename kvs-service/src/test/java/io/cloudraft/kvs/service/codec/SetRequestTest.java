package io.cloudraft.kvs.service.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cloudraft.kvs.service.store.Key;
import io.cloudraft.kvs.service.store.Value;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SetRequestTest {
  private static final Limits LIMITS = new Limits(16, 50_000);

  private static SetRequest parse(String body) {
    return SetRequest.parse(StandardCharsets.UTF_8.encode(body), LIMITS);
  }

  private static AbstractThrowableAssert<?, ?> assertRefused(String body) {
    return assertThatThrownBy(() -> parse(body)).isInstanceOf(RequestRefused.class);
  }

  @Test
  void keepsAStringAsItsText() {
    assertThat(parse("{\"key\":\"abc-1\",\"value\":\"a \\\"b\\\" \\u00e9 😀\\n\"}"))
        .isEqualTo(new SetRequest(Key.of("abc-1"), Value.text("a \"b\" é 😀\n")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1",
        "-1",
        "0",
        "1.10",
        "1e3",
        "-0.0",
        "12345678901234567890.123456789",
        "true",
        "false",
        "null",
        "{}",
        "[]",
        "{ \"a\" : [ 1.10 , \"x\\u0041\" ] }",
        "[[],{\"a\":{}}]",
        "[ ]",
        "{\"a\":1,\"a\":2}",
      })
  void keepsAnyOtherValueExactlyAsItWasSent(String json) {
    assertThat(parse("{\"key\":\"k\",\"value\":" + json + "}").value()).isEqualTo(Value.text(json));
    assertThat(parse(" { \"value\" : \t" + json + "\n , \"key\" : \"k\" } \n").value())
        .isEqualTo(Value.text(json));
  }

  @Test
  void keepsALongValueThatIsNoString() {
    String json = "[" + "\"é\",".repeat(9_000) + "0]";

    assertThat(parse("{\"key\":\"k\",\"value\":" + json + "}").value()).isEqualTo(Value.text(json));
  }

  @Test
  void keepsANumberOfAnyLength() {
    String number = "1" + "0".repeat(40_000);

    assertThat(parse("{\"key\":\"k\",\"value\":" + number + "}").value())
        .isEqualTo(Value.text(number));
  }

  @Test
  void keepsAnEmptyString() {
    assertThat(parse("{\"key\":\"k\",\"value\":\"\"}").value()).isEqualTo(Value.text(""));
  }

  @Test
  void acceptsKeysOfAnyCharacter() {
    assertThat(parse("{\"key\":\"/%\\u0000 é\",\"value\":1}").key()).isEqualTo(Key.of("/%\0 é"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'' | body is empty",
        "'  ' | body is empty",
        "'[]' | must be a JSON object with the fields \"key\" and \"value\", not an array",
        "'\"a\"' | not a string",
        "'null' | not null",
        "'{}' | \"key\" is missing",
        "'{\"key\":\"a\"}' | \"value\" is missing",
        "'{\"value\":\"a\"}' | \"key\" is missing",
        "'{\"key\":1,\"value\":1}' | \"key\" must be a string, not the number 1",
        "'{\"key\":null,\"value\":1}' | \"key\" must be a string, not null",
        "'{\"key\":{\"a\":1},\"value\":1}' | \"key\" must be a string, not an object",
        "'{\"key\":\"\",\"value\":1}' | key is empty",
        "'{\"key\":\"a\",\"value\":1,\"ttl\":3}' | \"ttl\" is unknown: there are \"key\" and \"value\"",
        "'{\"Key\":\"a\",\"value\":1}' | \"Key\" is unknown",
        "'{\"key\":\"a\",\"value\":1,\"value\":2}' | \"value\" is there twice",
        "'{\"key\":\"a\",\"key\":\"a\",\"value\":2}' | \"key\" is there twice",
        "'{\"key\":\"a\",\"value\":1} {}' | goes on after the end of its JSON object (line 1, column 23)",
        "'{\"key\":\"a\",\"value\":1}x' | not valid JSON (line 1, column 2",
        "'{\"key\":\"a\" \"value\":1}' | not valid JSON (line 1, column 1",
        "'{\"key\":\"a\",\"value\":1' | not valid JSON (line 1, column 21)",
        "'{\"key\":\"a\",\"value\":01}' | not valid JSON",
        "'{\"key\":\"a\",\"value\":NaN}' | not valid JSON",
        "'{\"key\":\"a\",\"value\":[1,]}' | not valid JSON",
        "'{key:\"a\",\"value\":1}' | not valid JSON",
        "'key=a&value=b' | not valid JSON",
        "'{\"key\":\"a\",\"value\":\"\\ud800\"}' | field \"value\" holds half of a surrogate pair",
        "'{\"key\":\"\\udc00\",\"value\":\"\"}' | field \"key\" holds half of a surrogate pair",
      })
  void refusesWithWhatIsWrong(String body, String message) {
    assertRefused(body).hasMessageContaining(message);
  }

  @Test
  void saysTheLineOfBrokenJson() {
    assertRefused("{\n  \"key\": \"a\",\n  \"value\": tru\n}")
        .hasMessageContaining("(line 3, column 1");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{",
        "{\"key\":\"a",
        "[1",
        "{\"key\":\"a\",\"value\":{\"b\":[",
        "\u0001",
        "{\"\u0001"
      })
  void leaksNothingOfTheParser(String body) {
    assertRefused(body)
        .message()
        .doesNotContainIgnoringCase("jackson")
        .doesNotContain("Source", "Exception", "REDACTED", "JsonToken");
  }

  @ParameterizedTest
  @ValueSource(strings = {"7bff7d", "7b226b6579223a22c080227d", "eda080"})
  void refusesWhatIsNotUtf8(String hex) {
    assertThatThrownBy(
            () -> SetRequest.parse(ByteBuffer.wrap(HexFormat.of().parseHex(hex)), LIMITS))
        .hasMessageContaining("The body is not UTF-8")
        .hasMessageContaining("offset");
  }

  @Test
  void refusesNestingThatOnlyAnAttackerNeeds() {
    assertRefused("{\"key\":\"a\",\"value\":" + "[".repeat(2000) + "]".repeat(2000) + "}")
        .hasMessageContaining("nested deeper than 500 levels");
  }

  @Test
  void holdsKeyAndValueAgainstTheirLimits() {
    String longest = "k".repeat(16);
    assertThat(
            parse("{\"key\":\"" + longest + "\",\"value\":\"" + "v".repeat(50_000) + "\"}").key())
        .isEqualTo(Key.of(longest));

    assertRefused("{\"key\":\"" + longest + "k\",\"value\":1}")
        .isInstanceOfSatisfying(
            RequestRefused.class,
            refused -> assertThat(refused.code()).isEqualTo(ErrorCode.KEY_TOO_LONG))
        .hasMessage("The key has 17 bytes, and at most 16 are allowed (KVS_MAX_KEY_BYTES).");
    assertRefused("{\"key\":\"k\",\"value\":\"" + "é".repeat(25_001) + "\"}")
        .isInstanceOfSatisfying(
            RequestRefused.class,
            refused -> assertThat(refused.code()).isEqualTo(ErrorCode.VALUE_TOO_LARGE))
        .hasMessage(
            "The value has 50002 bytes, and at most 50000 are allowed (KVS_MAX_VALUE_BYTES).");
  }

  @Test
  void fitsTheLargestBodyThatIsWithinTheLimitsIntoTheBodyLimit() {
    String body =
        "{\"key\":\"%s\",\"value\":\"%s\"}"
            .formatted("\\u0041".repeat(16), "\\u0041".repeat(50_000));

    assertThat(parse(body).value().bytes().size()).isEqualTo(50_000);
    assertThat((long) body.length()).isLessThanOrEqualTo(LIMITS.maxBodyBytes());
  }

  @Test
  void shortensAnUnknownFieldInItsMessage() {
    assertRefused("{\"" + "x".repeat(10_000) + "\":1}").message().hasSizeLessThan(200);
  }
}
