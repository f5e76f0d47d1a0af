package io.cloudraft.kvs.service.codec;

import io.cloudraft.kvs.service.store.Bytes;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.HexFormat;

/** Undoes percent-encoding exactly once, and accepts nothing but UTF-8. */
final class PercentDecoder {
  private final boolean plusIsSpace;

  private PercentDecoder(boolean plusIsSpace) {
    this.plusIsSpace = plusIsSpace;
  }

  /** For a path, where a plus is a plus. */
  static PercentDecoder ofPath() {
    return new PercentDecoder(false);
  }

  /** For a query, which forms and libraries write with a plus for a space. */
  static PercentDecoder ofQuery() {
    return new PercentDecoder(true);
  }

  /**
   * @param what names the text in messages
   */
  Bytes decode(String text, String what) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '%') {
        out.write(escapedByte(text, i, what));
        i += 2;
      } else if (c == '+' && plusIsSpace) {
        out.write(' ');
      } else if (c < 0x80) {
        out.write(c);
      } else {
        throw RequestRefused.malformed(
            "The %s has a character at position %d that must be percent-encoded."
                .formatted(what, i + 1));
      }
    }
    byte[] bytes = out.toByteArray();
    int invalid = Utf8.firstInvalid(ByteBuffer.wrap(bytes));
    if (invalid >= 0) {
      throw RequestRefused.malformed(
          "The %s is not UTF-8 when decoded: byte %d of it (0x%02x) does not belong there."
              .formatted(what, invalid + 1, bytes[invalid]));
    }
    return Bytes.wrap(bytes);
  }

  private static int escapedByte(String text, int percent, String what) {
    int end = percent + 3;
    if (end <= text.length()
        && HexFormat.isHexDigit(text.charAt(percent + 1))
        && HexFormat.isHexDigit(text.charAt(percent + 2))) {
      return HexFormat.fromHexDigits(text, percent + 1, end);
    }
    throw RequestRefused.malformed(
        "The %s has \"%s\" at position %d, where %% and two hexadecimal digits are expected; a percent sign itself is written %%25."
            .formatted(what, text.substring(percent, Math.min(end, text.length())), percent + 1));
  }
}
