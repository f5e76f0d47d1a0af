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
    if (!beginsWithMediaType(text)) {
      throw RequestRefused.malformed(
          "The %s must be a media type such as text/plain, not \"%s\"."
              .formatted(what, Shortened.of(text)));
    }
    return text;
  }

  /**
   * A type, a slash and a subtype (RFC 9110, section 8.3.1); what parameters follow is not read.
   */
  private static boolean beginsWithMediaType(String text) {
    int slash = endOfToken(text, 0);
    if (slash == 0 || slash == text.length() || text.charAt(slash) != '/') {
      return false;
    }
    int end = endOfToken(text, slash + 1);
    return end > slash + 1
        && (end == text.length() || text.charAt(end) == ';' || text.charAt(end) == ' ');
  }

  private static int endOfToken(String text, int start) {
    int end = start;
    while (end < text.length() && isTokenCharacter(text.charAt(end))) {
      end++;
    }
    return end;
  }

  private static boolean isTokenCharacter(char c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || "!#$%&'*+-.^_`|~".indexOf(c) >= 0;
  }
}
