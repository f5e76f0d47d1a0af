package io.cloudraft.kvs.service.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cloudraft.kvs.service.store.Key;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PathKeyTest {
  private static final Limits LIMITS = new Limits(16, 1000);

  private static Key decode(String raw) {
    return PathKey.decode(raw, LIMITS);
  }

  @ParameterizedTest
  @CsvSource({
    "abc-1, abc-1",
    "a/b, a/b",
    "a%2Fb, a/b",
    "a%2fb, a/b",
    "//, //",
    "%25, %",
    "%2525, %25",
    "a+b, a+b",
    "%5C, \\",
    "%F0%9F%98%80, 😀",
    "a%20b, a b",
    "a;b=c, a;b=c",
    "%3Fq, ?q",
  })
  void isDecodedExactlyOnce(String raw, String key) {
    assertThat(decode(raw)).isEqualTo(Key.of(key));
  }

  @ParameterizedTest
  @CsvSource({
    "ab%, 3, '\"%\"'",
    "ab%4, 3, '\"%4\"'",
    "%zz, 1, '\"%zz\"'",
    "a%+1b, 2, '\"%+1\"'",
  })
  void saysWhereAnEscapeIsWrong(String raw, int position, String text) {
    assertThatThrownBy(() -> decode(raw))
        .isInstanceOf(RequestRefused.class)
        .hasMessageContaining("position " + position)
        .hasMessageContaining(text);
  }

  @ParameterizedTest
  @CsvSource({
    "%ff, 1",
    "ab%c3, 3",
    "a%c3%28, 2",
    "%ed%a0%80, 1",
    "%c0%80, 1",
  })
  void saysWhereItIsNotUtf8(String raw, int position) {
    assertThatThrownBy(() -> decode(raw))
        .isInstanceOf(RequestRefused.class)
        .hasMessageContaining("not UTF-8")
        .hasMessageContaining("byte " + position + " ");
  }

  @Test
  void mayBeAsLongAsTheLimitInDecodedBytes() {
    assertThat(decode("%C3%A9".repeat(8)).bytes().size()).isEqualTo(16);
  }

  @Test
  void isRefusedByNameAndSettingWhenItIsLonger() {
    assertThatThrownBy(() -> decode("a".repeat(17)))
        .isInstanceOfSatisfying(
            RequestRefused.class,
            refused -> assertThat(refused.code()).isEqualTo(ErrorCode.KEY_TOO_LONG_FOR_PATH))
        .hasMessage("The key has 17 bytes, and at most 16 are allowed (KVS_MAX_KEY_BYTES).");
  }

  @Test
  void mustNotBeEmpty() {
    assertThatThrownBy(() -> decode("")).hasMessageContaining("key is missing");
  }
}
