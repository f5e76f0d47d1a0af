package io.cloudraft.kvs.service.store;

import java.nio.charset.StandardCharsets;

/**
 * What is kept under a key: any bytes, also none, and the media type that they are given back with.
 *
 * @param contentType 1 to 255 printable ASCII characters
 */
public record Value(String contentType, Bytes bytes) {
  public static final String TEXT = "text/plain;charset=utf-8";
  public static final int MAX_CONTENT_TYPE_LENGTH = 255;

  public Value {
    if (contentType.isEmpty()
        || contentType.length() > MAX_CONTENT_TYPE_LENGTH
        || !isPrintable(contentType)) {
      throw new IllegalArgumentException(
          "a content type has 1 to %d printable ASCII characters, not %s"
              .formatted(MAX_CONTENT_TYPE_LENGTH, contentType));
    }
  }

  private static boolean isPrintable(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) < ' ' || text.charAt(i) > '~') {
        return false;
      }
    }
    return true;
  }

  public static Value text(String text) {
    return new Value(TEXT, Bytes.wrap(text.getBytes(StandardCharsets.UTF_8)));
  }
}
