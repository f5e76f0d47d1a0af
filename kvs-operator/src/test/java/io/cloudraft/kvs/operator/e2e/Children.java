package io.cloudraft.kvs.operator.e2e;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.util.List;
import java.util.stream.Stream;

/**
 * What the operator makes of a KvStore, as found in the cluster by the label that all of it
 * carries.
 */
final class Children {
  private static final List<ResourceDefinitionContext> KINDS =
      List.of(
          kind("apps", "v1", "Deployment", "deployments"),
          kind("", "v1", "Service", "services"),
          kind("networking.k8s.io", "v1", "Ingress", "ingresses"),
          kind("networking.k8s.io", "v1", "NetworkPolicy", "networkpolicies"),
          kind("", "v1", "PersistentVolumeClaim", "persistentvolumeclaims"),
          kind("policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets"),
          kind("", "v1", "ServiceAccount", "serviceaccounts"));

  private Children() {}

  /** Every child but those whose definitions may be absent. */
  static Stream<GenericKubernetesResource> of(TestNamespace namespace, String store) {
    return KINDS.stream()
        .flatMap(
            kind ->
                namespace
                    .client()
                    .genericKubernetesResources(kind)
                    .inNamespace(namespace.name())
                    .withLabel("kvs.cloudraft.io/store", store)
                    .list()
                    .getItems()
                    .stream());
  }

  private static ResourceDefinitionContext kind(
      String group, String version, String kind, String plural) {
    return new ResourceDefinitionContext.Builder()
        .withGroup(group)
        .withVersion(version)
        .withKind(kind)
        .withPlural(plural)
        .withNamespaced(true)
        .build();
  }
}
