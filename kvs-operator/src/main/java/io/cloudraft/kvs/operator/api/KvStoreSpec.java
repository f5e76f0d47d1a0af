package io.cloudraft.kvs.operator.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.model.annotation.SpecReplicas;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a user asks for. Every field is optional; null means that the default holds. */
@JsonInclude(Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record KvStoreSpec(
    @JsonPropertyDescription(
            "Image of the store. Default: the image of the operator's own release. Changing it restarts the store"
                + " on the data it has.")
        @Size(min = 1, max = 512)
        @Nullable String image,
    @JsonPropertyDescription(
            "Secrets of type kubernetes.io/dockerconfigjson in the store's namespace, by which the image is pulled."
                + " Default: none.")
        @Size(max = 16)
        @Nullable List<PullSecret> imagePullSecrets,
    @JsonPropertyDescription(
            "How many pods serve the store: 1, or 0 to stop it while its data is kept. Default: 1.")
        @ValidationRule(
            value = "self >= 0 && self <= 1",
            message =
                "must be 0 or 1: the embedded RocksDB engine keeps its data on one volume that one process may open;"
                    + " a second replica would find it locked")
        @SpecReplicas
        @Nullable Integer replicas,
    @JsonPropertyDescription("The volume that holds the data.") @Nullable StorageSpec storage,
    @JsonPropertyDescription("Largest key and value that the store takes.")
        @Nullable LimitsSpec limits,
    @JsonPropertyDescription(
            "CPU and memory of the store's container. The JVM inside sizes itself from the memory limit. Default:"
                + " requests of 100m cpu and 512Mi memory, a limit of 512Mi memory and none of cpu.")
        @Nullable ResourcesSpec resources,
    @JsonPropertyDescription("How the store is reached inside of the cluster.")
        @Nullable ServiceSpec service,
    @JsonPropertyDescription("How the store is reached from outside of the cluster.")
        @Nullable IngressSpec ingress,
    @JsonPropertyDescription(
            "How Prometheus finds the store: a ServiceMonitor, wherever the Prometheus Operator is installed.")
        @Nullable MonitoringSpec monitoring,
    @JsonPropertyDescription(
            "Who may open connections to the store: a NetworkPolicy. Default: none, so whoever the namespace's other"
                + " policies let in.")
        @Nullable NetworkPolicySpec networkPolicy,
    @JsonPropertyDescription("What is added to the pods. Changing it restarts the store.")
        @Nullable PodTemplateSpec podTemplate) {}
