package io.cloudraft.kvs.operator.api;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/** A Gateway, or one listener of it. */
@JsonInclude(Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonPropertyOrder({"name", "namespace", "sectionName", "port"})
public record GatewayReference(
    @JsonPropertyDescription("Name of the Gateway.")
        @Required
        @Size(min = 1, max = 253)
        @ValidationRule(value = Rules.IS_NAME, message = Rules.NAME_NEEDED)
        String name,
    @JsonPropertyDescription("Namespace of the Gateway. Default: that of the store.")
        @Size(min = 1, max = 63)
        @ValidationRule(value = Rules.IS_NAME, message = Rules.NAME_NEEDED)
        @Nullable String namespace,
    @JsonPropertyDescription("The listener of that name only. Default: all that let the store in.")
        @Size(min = 1, max = 253)
        @ValidationRule(value = Rules.IS_NAME, message = Rules.NAME_NEEDED)
        @Nullable String sectionName,
    @JsonPropertyDescription("The listeners of that port only. Default: all that let the store in.")
        @Min(1)
        @Max(65535)
        @Nullable Integer port) {
  public GatewayReference {
    requireNonNull(name, "name");
  }
}
