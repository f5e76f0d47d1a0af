package io.cloudraft.kvs.service.codec;

/** Whole numbers in decimal digits, and nothing else. */
final class Digits {
  /** As many as fit into a long in any case. */
  private static final int MOST = 18;

  private Digits() {}

  /** Their value; -1 when there are others than digits, none, or too many. */
  static long parse(String text) {
    if (text.isEmpty() || text.length() > MOST) {
      return -1;
    }
    long number = 0;
    for (int i = 0; i < text.length(); i++) {
      char digit = text.charAt(i);
      if (digit < '0' || digit > '9') {
        return -1;
      }
      number = 10 * number + (digit - '0');
    }
    return number;
  }
}
