package io.cloudraft.kvs.service.store;

import java.util.List;
import java.util.Optional;

/**
 * One page of a {@link Search}, as the store was at one moment.
 *
 * @param revision the last change before that moment
 * @param items in the order asked for
 * @param resumeAfter where the next page begins; nothing when no more keys match. It need not be a
 *     key of this page, and a page before the last may hold fewer keys than its limit, or none: a
 *     search that finds little in much stops after so many keys
 * @param plan how the page was found, if that was asked for
 */
public record Page(
    Revision revision, List<Item> items, Optional<Key> resumeAfter, Optional<Plan> plan) {
  public Page {
    items = List.copyOf(items);
  }

  /**
   * A key that was found.
   *
   * @param entry present if values were asked for
   */
  public record Item(Key key, Optional<Entry> entry) {}

  /**
   * How a page was found.
   *
   * @param index the walk that had the page first
   * @param estimatedByPrefix about how many keys begin with the prefix
   * @param estimatedBySuffix about how many keys end with the suffix
   * @param visited how many keys were looked at, in both indexes
   */
  public record Plan(Index index, long estimatedByPrefix, long estimatedBySuffix, long visited) {}

  /** The two orders in which keys are kept. */
  public enum Index {
    PREFIX,
    SUFFIX
  }

  public List<Key> keys() {
    return items.stream().map(Item::key).toList();
  }
}
