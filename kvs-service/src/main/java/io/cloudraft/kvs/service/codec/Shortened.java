package io.cloudraft.kvs.service.codec;

/** What a client sent, as messages repeat it: enough to find it by. */
final class Shortened {
  private static final int LENGTH = 64;

  private Shortened() {}

  static String of(String text) {
    return text.length() <= LENGTH ? text : text.substring(0, LENGTH) + "…";
  }
}
