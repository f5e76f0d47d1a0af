package io.cloudraft.kvs.service.store;

import java.util.Optional;

/**
 * Asks for one page of the keys that begin with {@code prefix} and end with {@code suffix}; the two
 * may overlap, and an empty one matches every key.
 *
 * @param after only keys greater than this one
 * @param limit the most keys that the page may hold, at least 1
 */
public record Search(Bytes prefix, Bytes suffix, Optional<Key> after, int limit) {
  public Search {
    if (limit < 1) {
      throw new IllegalArgumentException("a page holds at least one key, not " + limit);
    }
  }

  /** Whether the key belongs to the answer, leaving aside how long the page is. */
  public boolean matches(Key key) {
    return key.bytes().startsWith(prefix)
        && key.bytes().endsWith(suffix)
        && (after.isEmpty() || key.compareTo(after.get()) > 0);
  }
}
