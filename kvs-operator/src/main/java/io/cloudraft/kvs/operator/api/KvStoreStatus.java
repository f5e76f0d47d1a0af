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
    @JsonPropertyDescription(
            "The generation of the KvStore that this status is about; -1 until the operator has looked at it.")
        @Min(UNOBSERVED)
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
    @JsonPropertyDescription(
            "The size of the volume, once there is one: less than what is asked for while it grows.")
        @Size(max = 64)
        @Nullable String storage,
    @JsonPropertyDescription(
            "The storage class of the volume, once there is one; it may be another than spec.storage names where the"
                + " claim was there before.")
        @Size(max = 253)
        @Nullable String storageClass,
    @JsonPropertyDescription("What keeps the data: RocksDB or Etcd.") @Size(max = 64)
        @Nullable String engine,
    @JsonPropertyDescription(
            "The release that answers, while one does: the tag of its image, or the digest where it has no tag.")
        @Size(max = 256)
        @Nullable String serviceVersion) {

  /** What the API server writes into a new KvStore, or kstatus would call it done at once. */
  static final long UNOBSERVED = -1;

  /**
   * Bounds keep a status that somebody edited by hand readable; a double holds this one exactly.
   */
  private static final long MAX_GENERATION = 1L << 53;

  private static final int MAX_PODS = Integer.MAX_VALUE;
}
