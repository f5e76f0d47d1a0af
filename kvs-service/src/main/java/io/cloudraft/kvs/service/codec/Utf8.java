package io.cloudraft.kvs.service.codec;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.cloudraft.kvs.service.store.Bytes;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CoderResult;
import org.jspecify.annotations.Nullable;

/** UTF-8 without mercy: Java's usual conversions replace what they cannot convert. */
final class Utf8 {
  private Utf8() {}

  /** Where the first byte stands that is not part of a UTF-8 character; -1 if there is none. */
  static int firstInvalid(ByteBuffer bytes) {
    ByteBuffer in = bytes.duplicate();
    CoderResult result =
        UTF_8.newDecoder().decode(in, CharBuffer.allocate(bytes.remaining()), true);
    return result.isError() ? in.position() : -1;
  }

  static CharBuffer decode(ByteBuffer bytes, String what) {
    try {
      return UTF_8.newDecoder().decode(bytes.duplicate());
    } catch (CharacterCodingException e) {
      throw RequestRefused.malformed(
          "The %s is not UTF-8: the byte at offset %d does not belong there."
              .formatted(what, firstInvalid(bytes)));
    }
  }

  /** The text that the bytes are in UTF-8, or null when they are not. */
  static @Nullable String textOrNull(Bytes bytes) {
    String text = bytes.toString();
    boolean replaced =
        text.indexOf('\ufffd') >= 0 && firstInvalid(ByteBuffer.wrap(bytes.array())) >= 0;
    return replaced ? null : text;
  }

  static Bytes encode(String text, String what) {
    try {
      ByteBuffer encoded = UTF_8.newEncoder().encode(CharBuffer.wrap(text));
      byte[] bytes = new byte[encoded.remaining()];
      encoded.get(bytes);
      return Bytes.wrap(bytes);
    } catch (CharacterCodingException e) {
      throw RequestRefused.malformed(
          "The %s holds half of a surrogate pair (\\ud800 to \\udfff without its other half), which is no character."
              .formatted(what));
    }
  }
}
