package io.cloudraft.kvs.operator.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.dsl.Resource;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
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
  static final Duration UNTIL_READY = Duration.ofMinutes(5);

  /** How long the operator may take to notice and mend. */
  static final Duration SECONDS = Duration.ofSeconds(20);

  /** Held by a test that adds kinds that the operator makes something of, in every namespace. */
  static final String KINDS_OF_THE_CLUSTER = "kinds of the cluster";

  private final String name;
  private final KubernetesClient client = new KubernetesClientBuilder().build();

  TestNamespace(String name) {
    this.name = name;
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    delete();
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

  /** Deletes it with all that is in it, and waits until it is gone. */
  void delete() {
    client.namespaces().withName(name).delete();
    await("namespace " + name + " to go")
        .atMost(Duration.ofMinutes(2))
        .until(() -> client.namespaces().withName(name).get() == null);
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

  /** What {@code kubectl create} makes of these arguments. */
  void create(String... arguments) {
    Command.kubectl(
        Stream.of(Stream.of("create", "-n", name), Stream.of(arguments))
            .flatMap(part -> part)
            .toArray(String[]::new));
  }

  /** What {@code kubectl patch} makes of an object, by a merge patch. */
  void patch(String kind, String object, String patch) {
    Command.kubectl("patch", kind, object, "-n", name, "--type=merge", "-p", patch);
  }

  void patchStatus(String kind, String object, String patch) {
    Command.kubectl(
        "patch", kind, object, "-n", name, "--subresource=status", "--type=merge", "-p", patch);
  }

  void patchByJson(String kind, String object, String patch) {
    Command.kubectl("patch", kind, object, "-n", name, "--type=json", "-p", patch);
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
    // The Ingress controller hears of the new pod a moment after the store is Ready, and the store
    // that was Ready may have lost its pod a moment ago.
    await("the Ingress of " + store)
        .atMost(UNTIL_READY)
        .untilAsserted(() -> assertThat(client.get("/readyz").statusCode()).isEqualTo(200));
    return client;
  }

  /** Waits until the condition is true for that reason, in a sentence with these words. */
  void untilSays(String store, String type, String reason, String... words) {
    await("KvStore %s to be %s: %s".formatted(store, type, reason))
        .atMost(UNTIL_READY)
        .pollInterval(Duration.ofMillis(250))
        .untilAsserted(
            () -> {
              GenericKubernetesResource found = kvStore(store).require();
              assertThat(condition(found, type))
                  .containsEntry("status", "True")
                  .containsEntry("reason", reason)
                  .containsEntry(
                      "observedGeneration", found.getMetadata().getGeneration().intValue())
                  .extractingByKey("message")
                  .asString()
                  .satisfies(message -> assertThat(words).allMatch(message::contains));
            });
  }

  /** The events of the KvStore, in the order of their time. */
  List<Event> events(String store) {
    return client
        .events()
        .v1()
        .events()
        .inNamespace(name)
        .withField("regarding.name", store)
        .list()
        .getItems()
        .stream()
        .filter(event -> "KvStore".equals(event.getRegarding().getKind()))
        .sorted(Comparator.comparing(event -> event.getEventTime().getTime()))
        .toList();
  }

  /** Waits until the operator has brought a store to rest that asks for no replica. */
  void untilStopped(String store) {
    await("KvStore " + store + " to be stopped")
        .atMost(UNTIL_READY)
        .untilAsserted(
            () -> {
              GenericKubernetesResource found = kvStore(store).require();
              assertThat(condition(found, "Ready"))
                  .containsEntry("reason", "ScaledToZero")
                  .containsEntry(
                      "observedGeneration", found.getMetadata().getGeneration().intValue());
            });
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
    return pod(client, name, "kvs.cloudraft.io/store", store);
  }

  /** The pod with the label that is not being deleted. */
  static Pod pod(KubernetesClient client, String namespace, String label, String value) {
    return client.pods().inNamespace(namespace).withLabel(label, value).list().getItems().stream()
        .filter(pod -> pod.getMetadata().getDeletionTimestamp() == null)
        .findFirst()
        .orElseThrow();
  }

  /** The live object, read from the API server. */
  <T extends HasMetadata> Resource<T> live(T object) {
    return client.resource(object);
  }
}
