package io.cloudraft.kvs.operator.settings;

import static java.util.Collections.unmodifiableMap;

import io.cloudraft.kvs.operator.api.ServiceSpec;
import io.cloudraft.kvs.operator.api.ServiceSpec.ServiceType;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The Service of a store. */
public record ServiceSettings(ServiceType type, Map<String, String> annotations) {

  public ServiceSettings {
    annotations = unmodifiableMap(new TreeMap<>(annotations));
  }

  static ServiceSettings from(@Nullable ServiceSpec spec) {
    if (spec == null) {
      return from(new ServiceSpec(null, null));
    }
    return new ServiceSettings(
        spec.type() == null ? ServiceType.ClusterIP : spec.type(),
        spec.annotations() == null ? Map.of() : spec.annotations());
  }
}
