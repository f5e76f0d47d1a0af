package io.cloudraft.kvs.operator.api;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPeer;
import java.util.List;

/** Who may open connections to the store. */
@JsonIgnoreProperties(ignoreUnknown = true)
public record NetworkPolicySpec(
    @JsonPropertyDescription(
            "Who may open connections to the store's port, in the form of a NetworkPolicy's from: podSelector,"
                + " namespaceSelector, ipBlock. Name the Ingress controller and Prometheus too, where they are to"
                + " reach it. Clusters whose network does not know NetworkPolicies do not keep anybody out.")
        @Required
        @Size(min = 1, max = 64)
        List<NetworkPolicyPeer> from) {
  public NetworkPolicySpec {
    requireNonNull(from, "from");
  }
}
