package io.cloudraft.kvs.operator.settings;

import static java.util.Collections.unmodifiableMap;
import static java.util.Objects.requireNonNullElse;

import io.cloudraft.kvs.operator.api.GatewayReference;
import io.cloudraft.kvs.operator.api.GatewaySpec;
import io.cloudraft.kvs.operator.api.IngressSpec;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The HTTPRoute of a store that has one.
 *
 * @param parents the Gateways that it hangs on
 */
public record GatewaySettings(
    List<GatewayReference> parents, String host, Map<String, String> annotations) {
  private static final int HTTPS = 443;

  public GatewaySettings {
    parents = List.copyOf(parents);
    annotations = unmodifiableMap(new TreeMap<>(annotations));
    HostName.check("spec.gateway.host", host);
  }

  static Optional<GatewaySettings> from(
      @Nullable GatewaySpec spec,
      @Nullable IngressSpec ingress,
      ObjectMeta store,
      OperatorSettings operator) {
    return Optional.ofNullable(spec)
        .map(
            gateway ->
                new GatewaySettings(
                    gateway.parentRefs(),
                    gateway.host() == null
                        ? IngressSettings.host(ingress, store, operator)
                        : gateway.host(),
                    requireNonNullElse(gateway.annotations(), Map.of())));
  }

  /** Where a client outside of the cluster finds the store. */
  public String url() {
    return (parents.stream().anyMatch(parent -> Integer.valueOf(HTTPS).equals(parent.port()))
            ? "https://"
            : "http://")
        + host;
  }
}
