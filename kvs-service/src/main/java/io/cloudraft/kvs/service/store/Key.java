package io.cloudraft.kvs.service.store;

/**
 * The name of a value: at least one byte. How long it may be is a setting, checked where requests
 * come in.
 */
public record Key(Bytes bytes) implements Comparable<Key> {
  public Key {
    if (bytes.isEmpty()) {
      throw new IllegalArgumentException("a key has at least one byte");
    }
  }

  public static Key of(String text) {
    return new Key(Bytes.utf8(text));
  }

  /** Whether it begins and ends so; the two may overlap, and an empty one always holds. */
  public boolean matches(Bytes prefix, Bytes suffix) {
    return bytes.startsWith(prefix) && bytes.endsWith(suffix);
  }

  @Override
  public int compareTo(Key other) {
    return bytes.compareTo(other.bytes);
  }

  @Override
  public String toString() {
    return bytes.toString();
  }
}
