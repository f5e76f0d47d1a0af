package io.cloudraft.kvs.service.codec;

import io.cloudraft.kvs.service.store.Bytes;
import io.cloudraft.kvs.service.store.Key;

/** How large keys and values may be, and which settings say so. */
public record Limits(int maxKeyBytes, int maxValueBytes) {
  /** JSON may spell one byte with six, as in {@code \}{@code u0041}. */
  public static final int LONGEST_JSON_FORM = 6;

  /** A percent-encoded byte takes three. */
  private static final int LONGEST_ESCAPE = 3;

  private static final int ROOM_FOR_JSON_SYNTAX = 1024;
  private static final int ROOM_FOR_HEADERS = 8192;

  /** No body that is larger than this can hold a key and a value within the limits. */
  public long maxBodyBytes() {
    return ROOM_FOR_JSON_SYNTAX + (long) LONGEST_JSON_FORM * ((long) maxKeyBytes + maxValueBytes);
  }

  /** The request line and headers of a search whose prefix, suffix and start are longest keys. */
  public int maxHeaderBytes() {
    return ROOM_FOR_HEADERS + 3 * LONGEST_ESCAPE * maxKeyBytes;
  }

  /**
   * The key with these bytes.
   *
   * @param what names them in messages
   * @param tooLong the code of a key that is too long
   */
  Key key(Bytes bytes, String what, ErrorCode tooLong) {
    if (bytes.isEmpty()) {
      throw RequestRefused.malformed(
          "The %s is empty: a key needs at least one character.".formatted(what));
    }
    if (bytes.size() > maxKeyBytes) {
      throw new RequestRefused(
          tooLong,
          "The %s has %d bytes, and at most %d are allowed (KVS_MAX_KEY_BYTES)."
              .formatted(what, bytes.size(), maxKeyBytes));
    }
    return new Key(bytes);
  }

  /**
   * The same bytes, as they are not too many for a value.
   *
   * @param what names them in messages
   */
  Bytes value(Bytes bytes, String what) {
    if (bytes.size() > maxValueBytes) {
      throw new RequestRefused(
          ErrorCode.VALUE_TOO_LARGE,
          "The %s has %d bytes, and at most %d are allowed (KVS_MAX_VALUE_BYTES)."
              .formatted(what, bytes.size(), maxValueBytes));
    }
    return bytes;
  }

  /** The refusal of a raw body that is larger than any value. */
  public RequestRefused valueTooLarge() {
    return new RequestRefused(
        ErrorCode.VALUE_TOO_LARGE,
        "The body is the value, and has more than %d bytes (KVS_MAX_VALUE_BYTES)."
            .formatted(maxValueBytes));
  }

  /** The refusal of a JSON body that is larger than any key and value need. */
  public RequestRefused bodyTooLarge() {
    return new RequestRefused(
        ErrorCode.BODY_TOO_LARGE,
        "The body has more than %d bytes: room for one key of %d bytes (KVS_MAX_KEY_BYTES) and one value of %d bytes (KVS_MAX_VALUE_BYTES) in their longest form."
            .formatted(maxBodyBytes(), maxKeyBytes, maxValueBytes));
  }
}
