package io.cloudraft.kvs.service.codec;

/** Whole numbers in decimal digits, and nothing else. */
final class Digits {
  /** As many as fit into a long in any case. */
  static final int MOST = 18;

  private Digits() {}

  /** Their value; -1 when there are others than digits, none, or too many. */
  static long parse(String text) {
    return parse(text, 0, text.length(), MOST);
  }

  /** The same for a part of a text, of at most so many digits, no more than fit into a long. */
  static long parse(String text, int start, int end, int most) {
    if (start == end || end - start > most) {
      return -1;
    }
    long number = 0;
    for (int i = start; i < end; i++) {
      char digit = text.charAt(i);
      if (digit < '0' || digit > '9') {
        return -1;
      }
      number = 10 * number + (digit - '0');
    }
    return number;
  }
}
