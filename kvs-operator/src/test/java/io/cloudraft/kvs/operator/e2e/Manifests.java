package io.cloudraft.kvs.operator.e2e;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.utils.Serialization;

/** What the tests apply, as a user would write it. */
final class Manifests {
  static final String API_VERSION = "kvs.cloudraft.io/v1";

  private Manifests() {}

  static GenericKubernetesResource kvStore(String namespace, String name, String spec) {
    return Serialization.unmarshal(
        """
        apiVersion: %s
        kind: KvStore
        metadata: {name: %s, namespace: %s}
        spec: %s
        """
            .formatted(API_VERSION, name, namespace, spec),
        GenericKubernetesResource.class);
  }
}
