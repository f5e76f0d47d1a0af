package io.cloudraft.kvs.service.store;

import java.util.Optional;

/**
 * Asks for one page of the keys that begin with {@code prefix} and end with {@code suffix}; the two
 * may overlap, and an empty one matches every key.
 *
 * @param after only keys that come later than this one in the order asked for
 * @param limit the most keys that the page may hold, at least 1
 * @param values whether entries are wanted beside the keys
 * @param maxBytes the page ends with the item that makes its keys and values this large together
 * @param since a revision of the past that the caller counts on: refused with {@link
 *     StoreFailure.Compacted} when the history does not reach back to it any more
 * @param explain whether the page should say how it was found
 */
public record Search(
    Bytes prefix,
    Bytes suffix,
    Optional<Key> after,
    Order order,
    int limit,
    boolean values,
    long maxBytes,
    Optional<Revision> since,
    boolean explain) {

  /** The order of the keys of a search. */
  public enum Order {
    ASCENDING,
    DESCENDING
  }

  public Search {
    if (limit < 1 || maxBytes < 1) {
      throw new IllegalArgumentException(
          "a page holds at least one key and one byte, not %d and %d".formatted(limit, maxBytes));
    }
  }

  /** Keys only, ascending, of any length together. */
  public static Search keys(Bytes prefix, Bytes suffix, Optional<Key> after, int limit) {
    return new Search(
        prefix,
        suffix,
        after,
        Order.ASCENDING,
        limit,
        false,
        Long.MAX_VALUE,
        Optional.empty(),
        false);
  }

  /** Whether the key belongs to the answer, leaving aside how long the page is. */
  public boolean matches(Key key) {
    return key.matches(prefix, suffix) && isAfter(key);
  }

  private boolean isAfter(Key key) {
    if (after.isEmpty()) {
      return true;
    }
    int order = key.compareTo(after.get());
    return this.order == Order.ASCENDING ? order > 0 : order < 0;
  }
}
