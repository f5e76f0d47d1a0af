package io.cloudraft.kvs.operator.settings;

import io.cloudraft.kvs.operator.api.LimitsSpec;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Largest key and value of a store, in bytes, most watches, and most requests a second.
 *
 * @param maxWatches empty means what the image does by itself
 * @param maxRequestsPerSecond empty means no limit
 */
public record Limits(
    int maxKeyBytes,
    int maxValueBytes,
    Optional<Integer> maxWatches,
    Optional<Integer> maxRequestsPerSecond) {
  private static final int DEFAULT_MAX_KEY_BYTES = 1024;
  private static final int DEFAULT_MAX_VALUE_BYTES = 1024 * 1024;

  static Limits from(@Nullable LimitsSpec spec) {
    if (spec == null) {
      return from(new LimitsSpec(null, null, null, null));
    }
    return new Limits(
        spec.maxKeyBytes() == null ? DEFAULT_MAX_KEY_BYTES : spec.maxKeyBytes(),
        spec.maxValueBytes() == null ? DEFAULT_MAX_VALUE_BYTES : spec.maxValueBytes(),
        Optional.ofNullable(spec.maxWatches()),
        Optional.ofNullable(spec.maxRequestsPerSecond()));
  }
}
