package io.cloudraft.kvs.service.store;

import java.time.Instant;
import java.util.Optional;

/**
 * What the store knows of a key beside its value.
 *
 * @param created the change that made the key, after it did not exist
 * @param modified the last change of the value
 * @param version how often the key was put since it was created: 1 after the first
 * @param expires from when on the key does not exist any more, to the millisecond
 */
public record Metadata(
    Revision created, Revision modified, long version, Optional<Instant> expires) {

  /** Whether the key is no more at this time. */
  public boolean isExpired(Instant now) {
    return expires.isPresent() && !expires.get().isAfter(now);
  }
}
