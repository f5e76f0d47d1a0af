package io.cloudraft.kvs.operator.settings;

import static java.util.Collections.unmodifiableMap;
import static java.util.Objects.requireNonNullElse;

import io.cloudraft.kvs.operator.api.EnvironmentVariable;
import io.cloudraft.kvs.operator.api.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.Affinity;
import io.fabric8.kubernetes.api.model.PodSecurityContext;
import io.fabric8.kubernetes.api.model.Toleration;
import io.fabric8.kubernetes.api.model.TopologySpreadConstraint;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What is added to the pods of a store. */
public record PodSettings(
    Map<String, String> labels,
    Map<String, String> annotations,
    List<EnvironmentVariable> env,
    Map<String, String> nodeSelector,
    List<Toleration> tolerations,
    Optional<Affinity> affinity,
    List<TopologySpreadConstraint> topologySpreadConstraints,
    Optional<String> priorityClassName,
    Optional<PodSecurityContext> securityContext) {

  public PodSettings {
    labels = unmodifiableMap(new TreeMap<>(labels));
    annotations = unmodifiableMap(new TreeMap<>(annotations));
    env = List.copyOf(env);
    nodeSelector = unmodifiableMap(new TreeMap<>(nodeSelector));
    tolerations = List.copyOf(tolerations);
    topologySpreadConstraints = List.copyOf(topologySpreadConstraints);
  }

  /**
   * Resolves what is left out.
   *
   * @param restart what the KvStore's restart annotation says, which the pods carry: so another
   *     value brings other pods
   */
  static PodSettings from(@Nullable PodTemplateSpec spec, Optional<String> restart) {
    if (spec == null) {
      return from(
          new PodTemplateSpec(null, null, null, null, null, null, null, null, null), restart);
    }
    var annotations = new TreeMap<String, String>(requireNonNullElse(spec.annotations(), Map.of()));
    restart.ifPresent(value -> annotations.put(StoreAnnotations.RESTART, value));
    return new PodSettings(
        requireNonNullElse(spec.labels(), Map.of()),
        annotations,
        requireNonNullElse(spec.env(), List.of()),
        requireNonNullElse(spec.nodeSelector(), Map.of()),
        requireNonNullElse(spec.tolerations(), List.of()),
        Optional.ofNullable(spec.affinity()),
        requireNonNullElse(spec.topologySpreadConstraints(), List.of()),
        Optional.ofNullable(spec.priorityClassName()),
        Optional.ofNullable(spec.securityContext()));
  }
}
