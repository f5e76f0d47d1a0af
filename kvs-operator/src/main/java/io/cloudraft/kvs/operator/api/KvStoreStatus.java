package io.cloudraft.kvs.operator.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Size;
import io.fabric8.kubernetes.model.annotation.LabelSelector;
import io.fabric8.kubernetes.model.annotation.StatusReplicas;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the operator found. Two equal statuses say the same, so the second is not written. */
@JsonInclude(Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record KvStoreStatus(
    @JsonPropertyDescription("The generation of the KvStore that this status is about.")
        @Min(0)
        @Max(MAX_GENERATION)
        @Nullable Long observedGeneration,
    @JsonPropertyDescription(
            "Ready: the store of this generation answers. Reconciling: it is on its way there. Stalled: it will not"
                + " get there without help; the message says which.")
        @Size(max = 16)
        @Nullable List<StoreCondition> conditions,
    @JsonPropertyDescription(
            "Where the store answers: through the Ingress, or inside of the cluster where that is off.")
        @Nullable String url,
    @JsonPropertyDescription("How many pods there are.") @Min(0) @Max(MAX_PODS) @StatusReplicas
        @Nullable Integer replicas,
    @JsonPropertyDescription("How many of them answer.") @Min(0) @Max(MAX_PODS)
        @Nullable Integer readyReplicas,
    @JsonPropertyDescription("The pods' label selector, for autoscalers and kubectl scale.")
        @LabelSelector
        @Nullable String selector,
    @JsonPropertyDescription("The size that the volume claim asks for, once it is bound.")
        @Size(max = 64)
        @Nullable String storage) {

  /**
   * Bounds keep a status that somebody edited by hand readable; a double holds this one exactly.
   */
  private static final long MAX_GENERATION = 1L << 53;

  private static final int MAX_PODS = Integer.MAX_VALUE;
}
