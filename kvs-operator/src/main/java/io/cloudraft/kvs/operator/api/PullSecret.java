package io.cloudraft.kvs.operator.api;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;

/** A Secret by which the image is pulled. */
@JsonIgnoreProperties(ignoreUnknown = true)
public record PullSecret(
    @JsonPropertyDescription("Name of the Secret.")
        @Required
        @Size(min = 1, max = 253)
        @ValidationRule(value = Rules.IS_NAME, message = Rules.NAME_NEEDED)
        String name) {
  public PullSecret {
    requireNonNull(name, "name");
  }
}
