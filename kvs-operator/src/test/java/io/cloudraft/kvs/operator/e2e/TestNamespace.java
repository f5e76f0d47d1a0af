package io.cloudraft.kvs.operator.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.dsl.Resource;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A namespace that lives as long as one test class, and the KvStores in it as a user meets them.
 */
final class TestNamespace implements BeforeAllCallback, AfterAllCallback {
  /**
   * How long a store may take from apply to Ready: a volume, an image and a JVM on a busy machine.
   */
  static final Duration UNTIL_READY = Duration.ofMinutes(3);

  /** How long the operator may take to notice and mend. */
  static final Duration SECONDS = Duration.ofSeconds(20);

  private final String name;
  private final KubernetesClient client = new KubernetesClientBuilder().build();

  TestNamespace(String name) {
    this.name = name;
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    client.namespaces().withName(name).delete();
    await()
        .atMost(Duration.ofMinutes(2))
        .until(() -> client.namespaces().withName(name).get() == null);
    client
        .resource(
            new NamespaceBuilder()
                .withNewMetadata()
                .withName(name)
                .addToLabels("pod-security.kubernetes.io/enforce", "restricted")
                .endMetadata()
                .build())
        .create();
  }

  @Override
  public void afterAll(ExtensionContext context) {
    client.namespaces().withName(name).delete();
    client.close();
  }

  KubernetesClient client() {
    return client;
  }

  String name() {
    return name;
  }

  /**
   * Applies a KvStore as {@code kubectl apply --server-side} does; {@code spec} is YAML in flow
   * style.
   */
  GenericKubernetesResource apply(String store, String spec) {
    return client
        .resource(Manifests.kvStore(name, store, spec))
        .fieldManager("kubectl")
        .forceConflicts()
        .serverSideApply();
  }

  Resource<GenericKubernetesResource> kvStore(String store) {
    return client
        .genericKubernetesResources(Manifests.API_VERSION, "KvStore")
        .inNamespace(name)
        .withName(store);
  }

  /**
   * Waits until the store is Ready for the generation that it has now, and answers a client of its
   * Ingress.
   */
  StoreClient untilReady(String store) {
    await("KvStore " + store + " to be Ready")
        .atMost(UNTIL_READY)
        .pollInterval(Duration.ofMillis(250))
        .untilAsserted(
            () -> {
              GenericKubernetesResource found = kvStore(store).require();
              Map<String, Object> ready = condition(found, "Ready");
              assertThat(ready).as(ready.toString()).containsEntry("status", "True");
              assertThat(ready.get("observedGeneration"))
                  .isEqualTo(found.getMetadata().getGeneration().intValue());
            });
    StoreClient client = StoreClient.of(kvStore(store).require());
    // The Ingress controller hears of the new pod a moment after the store is Ready.
    await("the Ingress of " + store)
        .atMost(SECONDS)
        .untilAsserted(() -> assertThat(client.get("/readyz").statusCode()).isEqualTo(200));
    return client;
  }

  /** The condition of that type, or an empty map. */
  @SuppressWarnings("unchecked")
  static Map<String, Object> condition(GenericKubernetesResource kvStore, String type) {
    List<Map<String, Object>> conditions = kvStore.get("status", "conditions");
    if (conditions == null) {
      return Map.of();
    }
    return conditions.stream().filter(c -> type.equals(c.get("type"))).findFirst().orElse(Map.of());
  }

  /** The pod that runs the store and is not being deleted. */
  Pod pod(String store) {
    return client
        .pods()
        .inNamespace(name)
        .withLabel("kvs.cloudraft.io/store", store)
        .list()
        .getItems()
        .stream()
        .filter(pod -> pod.getMetadata().getDeletionTimestamp() == null)
        .findFirst()
        .orElseThrow();
  }

  /** The live object, read from the API server. */
  <T extends HasMetadata> Resource<T> live(T object) {
    return client.resource(object);
  }
}
