package io.cloudraft.kvs.service.codec;

import io.cloudraft.kvs.service.store.Bytes;

/** How large keys and values may be, and which settings say so. */
public record Limits(int maxKeyBytes, int maxValueBytes) {
  /** JSON may spell one byte with six, as in {@code \}{@code u0041}. */
  private static final int LONGEST_JSON_FORM = 6;

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

  void checkKey(Bytes key, ErrorCode tooLong) {
    if (key.size() > maxKeyBytes) {
      throw new RequestRefused(
          tooLong,
          "The key has %d bytes, and at most %d are allowed (KVS_MAX_KEY_BYTES)."
              .formatted(key.size(), maxKeyBytes));
    }
  }

  void checkValue(Bytes value) {
    if (value.size() > maxValueBytes) {
      throw new RequestRefused(
          ErrorCode.VALUE_TOO_LARGE,
          "The value has %d bytes, and at most %d are allowed (KVS_MAX_VALUE_BYTES)."
              .formatted(value.size(), maxValueBytes));
    }
  }

  /** The refusal of a body that is too large to hold anything within the limits. */
  public RequestRefused bodyTooLarge() {
    return new RequestRefused(
        ErrorCode.BODY_TOO_LARGE,
        "The body has more than %d bytes, which no key of %d bytes (KVS_MAX_KEY_BYTES) and value of %d bytes (KVS_MAX_VALUE_BYTES) need."
            .formatted(maxBodyBytes(), maxKeyBytes, maxValueBytes));
  }
}
