package io.cloudraft.kvs.service.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloudraft.kvs.service.codec.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** {@code docs/errors.md} has every code with its status and meaning, in the order of the enum. */
class ErrorsDocumentTest {
  private static final Path DOCUMENT = Path.of("../docs/errors.md");
  private static final Pattern ROW =
      Pattern.compile("\\| `([a-z_]+)` \\| ([0-9, ]+) \\| (.+?) \\| (.*)\\|");

  @Test
  void hasEveryCodeAndNoOther() throws IOException {
    Map<String, String> documented = new LinkedHashMap<>();
    for (String line : Files.readAllLines(DOCUMENT)) {
      Matcher row = ROW.matcher(line);
      if (row.matches()) {
        assertThat(documented.put(row.group(1), row.group(2))).as(line).isNull();
      }
    }
    Map<String, String> codes = new LinkedHashMap<>();
    for (ErrorCode code : ErrorCode.values()) {
      codes.merge(code.text(), Integer.toString(code.status()), (one, other) -> one + ", " + other);
    }

    assertThat(documented)
        .as("codes and statuses in docs/errors.md")
        .containsExactlyEntriesOf(codes);
  }
}
