package io.cloudraft.kvs.operator.settings;

import static java.util.Collections.unmodifiableMap;

import io.cloudraft.kvs.operator.api.MonitoringSpec;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How Prometheus finds a store and warns of it.
 *
 * @param labels by which a Prometheus selects it
 * @param interval empty means what that Prometheus is set to
 * @param alerts whether it warns of it
 */
public record MonitoringSettings(
    Map<String, String> labels, Optional<String> interval, boolean alerts) {

  public MonitoringSettings {
    labels = unmodifiableMap(new TreeMap<>(labels));
  }

  static Optional<MonitoringSettings> from(@Nullable MonitoringSpec spec) {
    if (spec == null) {
      return from(new MonitoringSpec(null, null, null, null));
    }
    if (Boolean.FALSE.equals(spec.enabled())) {
      return Optional.empty();
    }
    return Optional.of(
        new MonitoringSettings(
            spec.labels() == null ? Map.of() : spec.labels(),
            Optional.ofNullable(spec.interval()),
            !Boolean.FALSE.equals(spec.alerts())));
  }
}
