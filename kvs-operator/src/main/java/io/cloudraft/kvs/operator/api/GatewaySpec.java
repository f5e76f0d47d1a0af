package io.cloudraft.kvs.operator.api;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How the store is reached through Gateways. */
@JsonInclude(Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonPropertyOrder({"parentRefs", "host", "annotations"})
public record GatewaySpec(
    @JsonPropertyDescription("The Gateways that lead to the store.")
        @Required
        @Size(min = 1, max = 16)
        List<GatewayReference> parentRefs,
    @JsonPropertyDescription(
            "Host name that the HTTPRoute answers to. Default: that of spec.ingress, also where there is no Ingress.")
        @Size(min = 1, max = 253)
        @ValidationRule(value = Rules.IS_NAME, message = Rules.HOST_NEEDED)
        @Nullable String host,
    @JsonPropertyDescription(
            "Annotations of the HTTPRoute, for what its controller offers. Default: none. Annotations that others add"
                + " to the HTTPRoute stay.")
        @Size(max = 64)
        @Nullable Map<String, String> annotations) {
  public GatewaySpec {
    requireNonNull(parentRefs, "parentRefs");
  }
}
