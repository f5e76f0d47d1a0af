package io.cloudraft.kvs.service.store;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What a transaction did.
 *
 * @param failedCompare the index of the first comparison that did not hold; none when all did
 * @param revision that of this transaction if it changed anything, otherwise that of the last
 *     change before it
 * @param results one for each operation that was done, in their order
 */
public record Outcome(OptionalInt failedCompare, Revision revision, List<Result> results) {
  public Outcome {
    results = List.copyOf(results);
  }

  /** Whether all comparisons held. */
  public boolean succeeded() {
    return failedCompare.isEmpty();
  }

  /** What an operation did. */
  public sealed interface Result {

    /** What was under the key. */
    record Got(Optional<Entry> entry) implements Result {}

    /** The key as it is now. Its version tells whether it was there before. */
    record Put(Metadata metadata) implements Result {
      public boolean created() {
        return metadata.version() == 1;
      }
    }

    record Deleted(boolean existed) implements Result {}
  }
}
