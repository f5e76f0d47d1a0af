package io.cloudraft.kvs.service.store;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * An immutable string of bytes, ordered as unsigned numbers from the first byte on.
 *
 * <p>UTF-8 text in this order is in the order of its code points.
 */
public final class Bytes implements Comparable<Bytes> {
  public static final Bytes EMPTY = new Bytes(new byte[0]);

  private final byte[] array;

  private Bytes(byte[] array) {
    this.array = array;
  }

  /** Takes the array over without a copy: the caller must not change it afterwards. */
  public static Bytes wrap(byte[] array) {
    return new Bytes(array);
  }

  /** The UTF-8 form of a text that holds no lone surrogates. */
  public static Bytes utf8(String text) {
    return new Bytes(text.getBytes(StandardCharsets.UTF_8));
  }

  /** The bytes themselves, not a copy: the caller must not change them. */
  public byte[] array() {
    return array;
  }

  public int size() {
    return array.length;
  }

  public boolean isEmpty() {
    return array.length == 0;
  }

  public boolean startsWith(Bytes prefix) {
    int size = prefix.array.length;
    return size <= array.length && Arrays.equals(array, 0, size, prefix.array, 0, size);
  }

  public boolean endsWith(Bytes suffix) {
    int size = suffix.array.length;
    return size <= array.length
        && Arrays.equals(array, array.length - size, array.length, suffix.array, 0, size);
  }

  /** The same bytes, last one first. */
  public Bytes reversed() {
    byte[] reversed = new byte[array.length];
    for (int i = 0; i < array.length; i++) {
      reversed[i] = array[array.length - 1 - i];
    }
    return new Bytes(reversed);
  }

  @Override
  public int compareTo(Bytes other) {
    return Arrays.compareUnsigned(array, other.array);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Bytes bytes && Arrays.equals(array, bytes.array);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(array);
  }

  /** The bytes as UTF-8 text; what is not UTF-8 shows as the replacement character. */
  @Override
  public String toString() {
    return new String(array, StandardCharsets.UTF_8);
  }
}
