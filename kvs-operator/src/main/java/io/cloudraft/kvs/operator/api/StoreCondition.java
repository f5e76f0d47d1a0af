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
import org.jspecify.annotations.Nullable;

/** One condition, in the form that all of Kubernetes uses. */
@JsonInclude(Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonPropertyOrder({
  "type",
  "status",
  "observedGeneration",
  "reason",
  "message",
  "lastTransitionTime"
})
public record StoreCondition(
    @JsonPropertyDescription("Ready, Reconciling or Stalled.") @Required @Size(min = 1, max = 64)
        String type,
    @JsonPropertyDescription("True or False.") @Required @Size(max = 16) String status,
    @JsonPropertyDescription("The generation of the KvStore that this condition is about.")
        @Min(0)
        @Max(1L << 53)
        @Nullable Long observedGeneration,
    @JsonPropertyDescription("Why, in one word for programs.") @Size(max = 256)
        @Nullable String reason,
    @JsonPropertyDescription("Why, as a sentence for people.") @Size(max = 32768)
        @Nullable String message,
    @JsonPropertyDescription("When the status last changed.") @Size(max = 64)
        @Nullable String lastTransitionTime) {
  public StoreCondition {
    requireNonNull(type, "type");
    requireNonNull(status, "status");
  }
}
