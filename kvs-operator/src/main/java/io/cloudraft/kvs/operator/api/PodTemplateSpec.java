package io.cloudraft.kvs.operator.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Affinity;
import io.fabric8.kubernetes.api.model.PodSecurityContext;
import io.fabric8.kubernetes.api.model.Toleration;
import io.fabric8.kubernetes.api.model.TopologySpreadConstraint;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What is added to the pods. Changing it restarts the store. */
@JsonInclude(Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonPropertyOrder({
  "labels",
  "annotations",
  "env",
  "nodeSelector",
  "tolerations",
  "affinity",
  "topologySpreadConstraints",
  "priorityClassName",
  "securityContext"
})
public record PodTemplateSpec(
    @JsonPropertyDescription("Labels of the pods. Default: none beside the operator's own.")
        @Size(max = 32)
        @ValidationRule(
            value = Rules.ARE_NOT_OURS,
            messageExpression = Rules.OURS_SAID,
            message = Rules.OURS_TAKEN)
        @ValidationRule(
            value = Rules.ARE_LABEL_VALUES,
            messageExpression = Rules.LABEL_VALUES_SAID,
            message = Rules.LABEL_VALUES_NEEDED)
        @Nullable Map<String, @Size(max = 63) String> labels,
    @JsonPropertyDescription("Annotations of the pods. Default: none.") @Size(max = 64)
        @Nullable Map<String, String> annotations,
    @JsonPropertyDescription(
            "Variables added to the environment of the store's container, beside those of spec.limits.")
        @Size(max = 64)
        @Nullable List<EnvironmentVariable> env,
    @JsonPropertyDescription("Labels that a node must have to run the pods. Default: none.")
        @Size(max = 32)
        @ValidationRule(
            value = Rules.ARE_LABEL_VALUES,
            messageExpression = Rules.LABEL_VALUES_SAID,
            message = Rules.LABEL_VALUES_NEEDED)
        @Nullable Map<String, @Size(max = 63) String> nodeSelector,
    @JsonPropertyDescription("Taints of nodes that the pods put up with. Default: none.")
        @Size(max = 32)
        @Nullable List<Toleration> tolerations,
    @JsonPropertyDescription(
            "Nodes and pods that the pods rather are, or must be, with or away from. Default: none.")
        @Nullable Affinity affinity,
    @JsonPropertyDescription(
            "How pods are spread over zones and nodes; a constraint names its labelSelector. Default: the cluster's.")
        @Size(max = 16)
        @Nullable List<TopologySpreadConstraint> topologySpreadConstraints,
    @JsonPropertyDescription("PriorityClass of the pods. Default: the cluster's.")
        @Size(min = 1, max = 253)
        @ValidationRule(value = Rules.IS_NAME, message = Rules.NAME_NEEDED)
        @Nullable String priorityClassName,
    @JsonPropertyDescription(
            "Security context of the pods: each field that is set here takes the place of the operator's own. Default:"
                + " user, group and fsGroup 10001, not root, seccomp profile RuntimeDefault.")
        @Nullable PodSecurityContext securityContext) {}
