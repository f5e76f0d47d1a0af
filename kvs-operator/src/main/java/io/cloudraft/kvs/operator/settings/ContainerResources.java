package io.cloudraft.kvs.operator.settings;

import static java.util.Collections.unmodifiableMap;

import io.cloudraft.kvs.operator.api.ResourcesSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Requests and limits of the store's container, by resource name. There is always a memory limit,
 * because the JVM sizes itself from it. No default is at odds with what the user set: where one of
 * a pair is set, the other follows.
 */
public record ContainerResources(Map<String, Quantity> requests, Map<String, Quantity> limits) {
  private static final Quantity DEFAULT_CPU_REQUEST = new Quantity("100m");
  private static final Quantity DEFAULT_MEMORY = new Quantity("512Mi");

  public ContainerResources {
    requests = unmodifiableMap(new TreeMap<>(requests));
    limits = unmodifiableMap(new TreeMap<>(limits));
  }

  static ContainerResources from(@Nullable ResourcesSpec spec) {
    var requests = checked("requests", spec == null ? null : spec.requests());
    var limits = checked("limits", spec == null ? null : spec.limits());
    limits.putIfAbsent("memory", requests.getOrDefault("memory", DEFAULT_MEMORY));
    requests.putIfAbsent("memory", limits.getOrDefault("memory", DEFAULT_MEMORY));
    var cpuLimit = limits.getOrDefault("cpu", DEFAULT_CPU_REQUEST);
    requests.putIfAbsent(
        "cpu", cpuLimit.compareTo(DEFAULT_CPU_REQUEST) < 0 ? cpuLimit : DEFAULT_CPU_REQUEST);
    return new ContainerResources(requests, limits);
  }

  private static Map<String, Quantity> checked(
      String field, @Nullable Map<String, Quantity> quantities) {
    var checked = new TreeMap<String, Quantity>();
    if (quantities != null) {
      quantities.forEach(
          (name, quantity) ->
              checked.put(
                  name,
                  Quantities.checked("spec.resources.%s.%s".formatted(field, name), quantity)));
    }
    return checked;
  }
}
