package io.cloudraft.kvs.service.store;

import java.util.List;

/**
 * One page of a {@link Search}.
 *
 * @param keys ascending
 * @param more whether further keys match, all of them greater than the last of this page
 */
public record Page(List<Key> keys, boolean more) {
  public Page {
    keys = List.copyOf(keys);
  }
}
