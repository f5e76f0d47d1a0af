package io.cloudraft.kvs.operator.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.readiness.Readiness;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Isolated;

/** Another image of the store, and another operator. */
@Tag("e2e")
@Isolated("the one operator is stopped")
class UpgradeTest {
  @RegisterExtension static final TestNamespace namespace = new TestNamespace("kvs-e2e-upgrade");

  private static final Path RELEASE = Path.of("src/test/resources/releases/0.1.0");

  private final OperatorPod operator = new OperatorPod(namespace.client());

  @Test
  void keepsTheDataThroughAnotherImageAndOneThatFails() {
    namespace.apply("rolled", "{}");
    namespace.untilReady("rolled").set("kept", "here");
    String image = image("rolled");

    namespace.apply("rolled", "{image: '%s'}".formatted(Environment.otherImage()));
    StoreClient other = namespace.untilReady("rolled");
    assertThat(image("rolled")).isEqualTo(Environment.otherImage());
    assertThat(namespace.kvStore("rolled").require().<String>get("status", "serviceVersion"))
        .isEqualTo(Environment.otherImage().replaceFirst(".*:", ""));
    assertThat(other.get("/get/kept").body()).isEqualTo("here");
    other.set("later", "too");

    // It ends at once, and well, which a store never does.
    namespace.apply("rolled", "{image: '%s'}".formatted(Environment.busyboxImage()));
    namespace.untilSays(
        "rolled", "Stalled", "PodCrashes", "Container store of pod rolled-", "exit code 0");
    assertThat(TestNamespace.condition(namespace.kvStore("rolled").require(), "Ready"))
        .containsEntry("status", "False");

    namespace.apply("rolled", "{}");
    StoreClient back = namespace.untilReady("rolled");
    assertThat(image("rolled")).isEqualTo(image);
    assertThat(back.get("/get/kept").body()).isEqualTo("here");
    assertThat(back.get("/get/later").body()).isEqualTo("too");
  }

  /** What the operator of that release left behind, as its own goldens have it. */
  @Test
  void anotherOperatorRestartsNoPod() throws IOException {
    namespace.apply("image", "{}");
    namespace.untilReady("image");
    String image = image("image");
    operator.scale(0);
    await().atMost(TestNamespace.UNTIL_READY).until(() -> !operator.isThere());
    try {
      GenericKubernetesResource store =
          Serialization.unmarshal(
              Files.readString(RELEASE.resolve("stores/shop.yaml")),
              GenericKubernetesResource.class);
      store.getMetadata().setNamespace(namespace.name());
      store.getMetadata().setUid(null);
      String uid = namespace.live(store).create().getMetadata().getUid();
      for (HasMetadata child : children(uid, image)) {
        namespace.live(child).fieldManager("kvs-operator").serverSideApply();
      }
      await()
          .atMost(TestNamespace.UNTIL_READY)
          .ignoreExceptions()
          .until(() -> Readiness.isPodReady(namespace.pod("shop")));
    } finally {
      operator.scale(1);
    }
    Pod before = namespace.pod("shop");
    long generation = deployment().getMetadata().getGeneration();

    await()
        .atMost(TestNamespace.UNTIL_READY)
        .untilAsserted(
            () ->
                assertThat(TestNamespace.condition(namespace.kvStore("shop").require(), "Ready"))
                    .containsEntry("status", "True"));

    assertThat(deployment().getMetadata().getGeneration()).isEqualTo(generation);
    assertThat(namespace.pod("shop").getMetadata().getUid())
        .isEqualTo(before.getMetadata().getUid());
  }

  /** But the ServiceMonitor, whose definition may be absent. */
  private static List<HasMetadata> children(String uid, String image) throws IOException {
    String text =
        Files.readString(RELEASE.resolve("children/shop.yaml"))
            .replace("33333333-3333-3333-3333-333333333333", uid)
            .replace("namespace: \"shop\"", "namespace: \"%s\"".formatted(namespace.name()))
            .replace("example.com/kvs-service:1.2.3", image);
    List<Object> children =
        new KubernetesSerialization().unmarshal(new ByteArrayInputStream(text.getBytes(UTF_8)));
    return children.stream()
        .map(HasMetadata.class::cast)
        .filter(child -> !child.getKind().equals("ServiceMonitor"))
        .toList();
  }

  private static String image(String store) {
    return namespace.pod(store).getSpec().getContainers().getFirst().getImage();
  }

  private static Deployment deployment() {
    return namespace
        .client()
        .apps()
        .deployments()
        .inNamespace(namespace.name())
        .withName("shop")
        .require();
  }
}
