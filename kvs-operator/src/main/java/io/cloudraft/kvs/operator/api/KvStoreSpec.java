package io.cloudraft.kvs.operator.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.model.annotation.SpecReplicas;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a user asks for. Every field is optional; null means that the default holds. */
@JsonInclude(Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
@ValidationRule(
    value =
        "!has(self.podTemplate) || dyn(self.podTemplate) == null || !has(self.podTemplate.env) ||"
            + " dyn(self.podTemplate.env) == null || "
            + KvStoreSpec.SET_TWICE
            + " == []",
    messageExpression =
        "\"%s: " + KvStoreSpec.TWICE_REFUSED + "\".format([" + KvStoreSpec.SET_TWICE + "])",
    message = KvStoreSpec.TWICE_REFUSED)
@ValidationRule(
    value =
        "!has(self.replicas) || self.replicas <= 1 || has(self.engine) && dyn(self.engine) != null &&"
            + " self.engine.type == 'Etcd'",
    fieldPath = ".replicas",
    messageExpression = "\"'%s' " + KvStoreSpec.ONE_NEEDED + "\".format([self.replicas])",
    message = KvStoreSpec.ONE_NEEDED)
@ValidationRule(
    value =
        "!has(self.engine) || dyn(self.engine) == null || self.engine.type == 'RocksDB' ||"
            + " (!has(self.history) || dyn(self.history) == null) && (!has(self.backup) || dyn(self.backup) == null)",
    messageExpression = "\"'%s': " + KvStoreSpec.NOT_OF_ETCD + "\".format([self.engine.type])",
    message = KvStoreSpec.NOT_OF_ETCD)
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
            "How many pods serve the store: 1, or more with an engine of type Etcd, or 0 to stop it while its data is"
                + " kept. Default: 1.")
        @Min(0)
        // The one default in the definition: without a number there is no scale to read.
        @Default("1")
        @SpecReplicas
        @Nullable Integer replicas,
    @JsonPropertyDescription(
            "What keeps the data. Default: RocksDB, on a volume of the store's own.")
        @Nullable EngineSpec engine,
    @JsonPropertyDescription("The volume that holds the data.") @Nullable StorageSpec storage,
    @JsonPropertyDescription("Largest key and value that the store takes, and most watches.")
        @Nullable LimitsSpec limits,
    @JsonPropertyDescription("Changes that are kept for watches to start from.")
        @Nullable HistorySpec history,
    @JsonPropertyDescription(
            "Where backups are kept. Default: beside the data, on the same volume. docs/backup.md tells how to make them.")
        @Nullable BackupSpec backup,
    @JsonPropertyDescription(
            "CPU and memory of the store's container. The JVM inside sizes itself from the memory limit. Default:"
                + " requests of 100m cpu and 512Mi memory, a limit of 512Mi memory and none of cpu.")
        @Nullable ResourcesSpec resources,
    @JsonPropertyDescription("How the store is reached inside of the cluster.")
        @Nullable ServiceSpec service,
    @JsonPropertyDescription("How the store is reached from outside of the cluster.")
        @Nullable IngressSpec ingress,
    @JsonPropertyDescription(
            "How the store is reached through Gateways: an HTTPRoute, wherever the Gateway API is installed. Default:"
                + " none. It may take the place of the Ingress or stand beside it.")
        @Nullable GatewaySpec gateway,
    @JsonPropertyDescription(
            "How Prometheus finds the store and warns of it: a ServiceMonitor and a PrometheusRule, wherever the Prometheus"
                + " Operator is installed.")
        @Nullable MonitoringSpec monitoring,
    @JsonPropertyDescription(
            "Who may do what with the store. Default: none, so whoever reaches it may do everything. Setting it, or naming"
                + " another Secret, restarts the store.")
        @Nullable AuthSpec auth,
    @JsonPropertyDescription(
            "Who may open connections to the store: a NetworkPolicy. Default: none, so whoever the namespace's other"
                + " policies let in.")
        @Nullable NetworkPolicySpec networkPolicy,
    @JsonPropertyDescription("What is added to the pods. Changing it restarts the store.")
        @Nullable PodTemplateSpec podTemplate) {
  /** The names alone: a value may be a secret. */
  static final String SET_TWICE =
      "self.podTemplate.env.map(variable,"
          + " variable.name == 'KVS_MAX_WATCHES' && has(self.limits) && dyn(self.limits) != null && has(self.limits.maxWatches)"
          + " || variable.name == 'KVS_MAX_REQUESTS_PER_SECOND' && has(self.limits) && dyn(self.limits) != null && has(self.limits.maxRequestsPerSecond)"
          + " || variable.name == 'KVS_HISTORY_BYTES' && has(self.history) && dyn(self.history) != null && has(self.history.size)"
          + " || variable.name == 'KVS_HISTORY_SECONDS' && has(self.history) && dyn(self.history) != null && has(self.history.seconds)"
          + " || variable.name == 'KVS_BACKUP_DIRECTORY' && has(self.backup) && dyn(self.backup) != null"
          + " || variable.name == 'KVS_TOKENS_DIRECTORY' && has(self.auth) && dyn(self.auth) != null,"
          + " variable.name)";

  static final String TWICE_REFUSED =
      "spec.podTemplate.env sets what spec.limits, spec.history, spec.backup or spec.auth sets as well:"
          + " remove one of the two";
  static final String ONE_NEEDED =
      "must be 0 or 1: the embedded RocksDB engine keeps its data on one volume that one process may open; a second"
          + " replica would find it locked. An engine of type Etcd takes any number";
  static final String NOT_OF_ETCD =
      "spec.history and spec.backup are of the RocksDB engine: etcd keeps its own history, and has its own backups";
}
