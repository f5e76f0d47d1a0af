package io.cloudraft.kvs.operator.settings;

import io.cloudraft.kvs.operator.api.HistorySpec;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Changes that a store keeps for watches.
 *
 * @param bytes empty means what the image does by itself
 * @param seconds empty means what the image does by itself
 */
public record HistorySettings(Optional<Long> bytes, Optional<Integer> seconds) {

  static HistorySettings from(@Nullable HistorySpec spec) {
    if (spec == null) {
      return from(new HistorySpec(null, null));
    }
    return new HistorySettings(
        Optional.ofNullable(spec.size())
            .map(
                size ->
                    Quantities.parse("spec.history.size", size).getNumericalAmount().longValue()),
        Optional.ofNullable(spec.seconds()));
  }
}
