package io.cloudraft.kvs.service.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloudraft.kvs.service.store.Bytes;
import io.cloudraft.kvs.service.store.Entry;
import io.cloudraft.kvs.service.store.Key;
import io.cloudraft.kvs.service.store.Metadata;
import io.cloudraft.kvs.service.store.Revision;
import io.cloudraft.kvs.service.store.Value;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

class EntryJsonTest {
  private static final Metadata FIRST =
      new Metadata(new Revision(7), new Revision(9), 2, Optional.empty());

  private static String written(byte[] bytes, Metadata metadata) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = new JsonFactory().createGenerator(ObjectWriteContext.empty(), text)) {
      EntryJson.write(
          json, Key.of("a\"é"), new Entry(new Value("a/b", Bytes.wrap(bytes)), metadata));
    }
    return text.toString();
  }

  private static byte[] latin1(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  @Test
  void namesEveryField() {
    assertThat(written(latin1("x"), FIRST))
        .isEqualTo(
            "{\"key\":\"a\\\"é\",\"revision\":9,\"created\":7,\"version\":2,\"contentType\":\"a/b\",\"value\":\"x\"}");
    assertThat(
            written(
                latin1("x"),
                new Metadata(
                    new Revision(7), new Revision(9), 2, Optional.of(Instant.ofEpochSecond(1)))))
        .contains("\"version\":2,\"expires\":\"1970-01-01T00:00:01.000Z\",\"contentType\"");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "é😀", "\ufffd", "\ufeffx", "\ufffe\uffff", "q\t"})
  void writesUtf8AsText(String text) {
    String escaped = text.replace("\t", "\\t");

    assertThat(written(text.getBytes(StandardCharsets.UTF_8), FIRST))
        .endsWith(",\"value\":\"" + escaped + "\"}");
  }

  @Test
  void escapesNul() {
    assertThat(written(new byte[] {0}, FIRST)).endsWith(",\"value\":\"\\u0000\"}");
  }

  /** Overlong forms, halves of surrogate pairs, cut characters, and bytes that never occur. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "\u00ff",
        "a\u0080",
        "\u00c3",
        "\u00c0\u0080",
        "\u00ed\u00a0\u0080",
        "\u00f0\u009f\u0098",
        "\u00f4\u0090\u0080\u0080",
        "\u00ef\u00bf\u00bd\u00ff"
      })
  void writesOtherBytesInBase64(String bytes) {
    String base64 = java.util.Base64.getEncoder().encodeToString(latin1(bytes));

    assertThat(written(latin1(bytes), FIRST))
        .endsWith(",\"contentType\":\"a/b\",\"base64\":\"" + base64 + "\"}");
  }
}
