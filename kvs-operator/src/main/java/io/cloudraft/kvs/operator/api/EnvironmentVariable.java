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
import io.fabric8.kubernetes.api.model.EnvVarSource;
import org.jspecify.annotations.Nullable;

/** A variable of the container's environment. */
@JsonInclude(Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonPropertyOrder({"name", "value", "valueFrom"})
public record EnvironmentVariable(
    @JsonPropertyDescription("Name of the variable.")
        @Required
        @Size(min = 1, max = 256)
        @ValidationRule(
            value = "!(self in ['KVS_DATA_DIRECTORY', 'KVS_MAX_KEY_BYTES', 'KVS_MAX_VALUE_BYTES'])",
            message =
                "is set by the operator: use spec.limits for the limits; the data directory is where the volume is")
        String name,
    @JsonPropertyDescription("Value of the variable.") @Size(max = 32768) @Nullable String value,
    @JsonPropertyDescription("Where the value comes from, as in a container of a pod.")
        @Nullable EnvVarSource valueFrom) {
  public EnvironmentVariable {
    requireNonNull(name, "name");
  }
}
