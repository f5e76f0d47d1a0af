package io.cloudraft.kvs.service.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ContentTypeTest {

  @ParameterizedTest
  @ValueSource(
      strings = {"a/b", "text/plain;charset=utf-8", "text/plain ; x", "x-a.b+c/d!#$%&'*+-.^_`|~"})
  void keepsMediaTypesToTheLetter(String text) {
    assertThat(ContentType.check(text, "header")).isEqualTo(text);
  }

  /** Clients that read one of these back would fail on it. */
  @ParameterizedTest
  @ValueSource(strings = {"0", "text", "text/", "/plain", "a/b/c", "a b/c", "a/b,c", ";", "a;b/c"})
  void refusesWhatIsNoMediaType(String text) {
    assertThatThrownBy(() -> ContentType.check(text, "header Content-Type"))
        .isInstanceOf(RequestRefused.class)
        .hasMessage(
            "The header Content-Type must be a media type such as text/plain, not \"%s\"."
                .formatted(text));
  }
}
