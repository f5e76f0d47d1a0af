package io.cloudraft.kvs.service.codec;

import io.cloudraft.kvs.service.store.Value;

/** The media type of a value, kept to the letter. */
public final class ContentType {
  /** What bytes are taken for when nobody says what they are. */
  public static final String BYTES = "application/octet-stream";

  private ContentType() {}

  /**
   * Holds a media type against what a value can be kept with.
   *
   * @param what names the text in messages
   */
  public static String check(String text, String what) {
    int length = text.length();
    boolean printable = true;
    for (int i = 0; i < length && printable; i++) {
      char c = text.charAt(i);
      printable = c >= ' ' && c <= '~';
    }
    if (length == 0 || length > Value.MAX_CONTENT_TYPE_LENGTH || !printable) {
      throw RequestRefused.malformed(
          "The %s must have 1 to %d printable ASCII characters; it has %d%s."
              .formatted(
                  what,
                  Value.MAX_CONTENT_TYPE_LENGTH,
                  length,
                  printable ? "" : ", of which some are not"));
    }
    return text;
  }
}
