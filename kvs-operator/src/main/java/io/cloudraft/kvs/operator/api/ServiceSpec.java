package io.cloudraft.kvs.operator.api;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonFormat.Feature;
import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import io.fabric8.generator.annotation.Size;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How the store is reached inside of the cluster. */
@JsonInclude(Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonPropertyOrder({"type", "annotations"})
public record ServiceSpec(
    @JsonPropertyDescription(
            "Type of the Service. NodePort and LoadBalancer let clients in past the Ingress, and past what that"
                + " checks. Default: ClusterIP.")
        @JsonFormat(with = Feature.READ_UNKNOWN_ENUM_VALUES_AS_NULL)
        @Nullable ServiceType type,
    @JsonPropertyDescription(
            "Annotations of the Service, for what a load balancer or a mesh offers. Default: none. Annotations that"
                + " others add to the Service stay.")
        @Size(max = 64)
        @Nullable Map<String, String> annotations) {

  /** Types of a Service that has an address of its own. */
  public enum ServiceType {
    ClusterIP,
    NodePort,
    LoadBalancer
  }
}
