package io.cloudraft.kvs.service.access;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TokensTest {
  private static final String READER = "reader-0123456789";
  private static final String WRITER = "writer/0123456789+abc==";

  @TempDir Path directory;

  private Tokens read(String readOnly, String readWrite) throws IOException {
    Files.writeString(directory.resolve("read-only"), readOnly);
    Files.writeString(directory.resolve("read-write"), readWrite);
    return Tokens.read(directory);
  }

  private static Access access(Tokens tokens, String token) {
    return tokens.accessOf(token.getBytes(ISO_8859_1), 0, token.length());
  }

  @Test
  void areThereInAnyNumberOnePerLine() throws IOException {
    Tokens tokens = read("\n " + READER + " \r\n\nother-0123456789\n", WRITER);

    assertThat(access(tokens, READER)).isEqualTo(Access.READ_ONLY);
    assertThat(access(tokens, "other-0123456789")).isEqualTo(Access.READ_ONLY);
    assertThat(access(tokens, WRITER)).isEqualTo(Access.READ_WRITE);
    assertThat(access(tokens, WRITER + "x")).isEqualTo(Access.NONE);
    assertThat(access(tokens, "")).isEqualTo(Access.NONE);
    assertThat(tokens).hasToString("3 tokens");
  }

  @Test
  void allowMoreWhereTheyAreInBothFiles() throws IOException {
    assertThat(access(read(READER, READER), READER)).isEqualTo(Access.READ_WRITE);
  }

  @Test
  void knowWhenSomebodyMayDoLess() throws IOException {
    Tokens both = read(READER, WRITER);

    assertThat(read(READER + "\nanother-0123456789", WRITER).allowLessThan(both)).isFalse();
    assertThat(read("", WRITER).allowLessThan(both)).isTrue();
    assertThat(read(WRITER + "\n" + READER, "").allowLessThan(both)).isTrue();
    assertThat(read("", WRITER + "\n" + READER).allowLessThan(both)).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0123456789abcde  | Line 2 of %s has 15 characters, and a token 16 to 256.",
        "0123456789 abcdef | Line 2 of %s is no token: it may have letters, digits",
        "0123456789abcdé=f | Line 2 of %s is no token: it may have letters, digits",
      })
  void areRefusedByTheirPlaceWhichIsAllThatIsShown(String line, String message) {
    assertThatThrownBy(() -> read("", WRITER + "\n" + line))
        .isInstanceOf(UnusableTokens.class)
        .hasMessageStartingWith(message.formatted(directory.resolve("read-write")))
        .hasMessageNotContaining("0123456789");
  }

  @Test
  void mustBeThere() throws IOException {
    assertThatThrownBy(() -> Tokens.read(directory))
        .hasMessageStartingWith("There is no token in ");
    assertThatThrownBy(() -> read("\n", ""))
        .hasMessage(
            "There is no token in %s: of the files read-only and read-write at least one must be there, with a token in each line."
                .formatted(directory));
    assertThatThrownBy(() -> Tokens.read(directory.resolve("none")))
        .hasMessageContaining("is not there, or cannot be read");
  }

  @Test
  void areNotInAFileWithAMistypedName() throws IOException {
    Files.writeString(directory.resolve("readonly"), READER);

    assertThatThrownBy(() -> read("", WRITER))
        .hasMessage(
            "The file readonly in %s has no meaning: tokens are in read-only and read-write."
                .formatted(directory));
  }
}
