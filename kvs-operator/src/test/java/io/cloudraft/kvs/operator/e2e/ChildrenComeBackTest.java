package io.cloudraft.kvs.operator.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.RegisterExtension;

@Tag("e2e")
class ChildrenComeBackTest {
  @RegisterExtension static final TestNamespace namespace = new TestNamespace("kvs-e2e-children");

  @BeforeAll
  static void aStoreIsReady() {
    namespace.apply("tended", "{}");
    namespace.untilReady("tended");
  }

  @Test
  void areAllThere() {
    assertThat(Children.of(namespace, "tended").map(HasMetadata::getKind))
        .containsExactlyInAnyOrder(
            "Deployment", "Service", "Ingress", "PersistentVolumeClaim", "ServiceAccount");
  }

  @TestFactory
  Stream<DynamicTest> whenDeleted() {
    // Not the claim: what a pod still uses is not removed before the pod is; its turn comes when
    // the store is scaled down.
    return Stream.of("Deployment", "Service", "Ingress", "ServiceAccount")
        .map(
            kind ->
                DynamicTest.dynamicTest(
                    kind,
                    () -> {
                      GenericKubernetesResource before = child(kind);
                      namespace.live(before).delete();
                      await()
                          .atMost(TestNamespace.SECONDS)
                          .ignoreExceptions()
                          .untilAsserted(
                              () ->
                                  assertThat(child(kind).getMetadata().getUid())
                                      .isNotEqualTo(before.getMetadata().getUid()));
                      namespace.untilReady("tended");
                    }));
  }

  /** A hand that alters a child, by a JSON patch, and what must be so again afterwards. */
  private record Alteration(String kind, String patch, List<String> path) {
    Alteration(String kind, String patch, String... path) {
      this(kind, patch, List.of(path));
    }
  }

  private static final List<Alteration> ALTERATIONS =
      List.of(
          new Alteration(
              "Deployment",
              "[{\"op\":\"replace\",\"path\":\"/spec/template/spec/containers/0/image\",\"value\":\"localhost/other:1\"}]",
              "spec",
              "template",
              "spec",
              "containers"),
          new Alteration(
              "Deployment",
              "[{\"op\":\"replace\",\"path\":\"/spec/replicas\",\"value\":0}]",
              "spec",
              "replicas"),
          // The API server adds the parameters of that strategy, which Recreate must not have.
          new Alteration(
              "Deployment",
              "[{\"op\":\"replace\",\"path\":\"/spec/strategy\",\"value\":{\"type\":\"RollingUpdate\"}}]",
              "spec",
              "strategy"),
          new Alteration(
              "Service",
              "[{\"op\":\"replace\",\"path\":\"/spec/ports/0/port\",\"value\":8001}]",
              "spec",
              "ports"),
          new Alteration(
              "Ingress",
              "[{\"op\":\"replace\",\"path\":\"/spec/rules/0/host\",\"value\":\"other.localhost\"}]",
              "spec",
              "rules"),
          new Alteration(
              "ServiceAccount",
              "[{\"op\":\"replace\",\"path\":\"/automountServiceAccountToken\",\"value\":true}]",
              "automountServiceAccountToken"),
          new Alteration(
              "Service",
              "[{\"op\":\"remove\",\"path\":\"/metadata/labels\"}]",
              "metadata",
              "labels"),
          new Alteration(
              "PersistentVolumeClaim",
              "[{\"op\":\"remove\",\"path\":\"/metadata/labels\"}]",
              "metadata",
              "labels"));

  @TestFactory
  Stream<DynamicTest> whenAltered() {
    return ALTERATIONS.stream()
        .map(
            alteration ->
                DynamicTest.dynamicTest(
                    alteration.kind() + " " + String.join(".", alteration.path()),
                    () -> {
                      GenericKubernetesResource before = child(alteration.kind());
                      Object wanted = at(before, alteration.path());
                      Command.kubectl(
                          "patch",
                          alteration.kind(),
                          before.getMetadata().getName(),
                          "-n",
                          namespace.name(),
                          "--type=json",
                          "-p",
                          alteration.patch());
                      await()
                          .atMost(TestNamespace.SECONDS)
                          .untilAsserted(
                              () -> {
                                GenericKubernetesResource now = namespace.live(before).require();
                                assertThat(at(now, alteration.path())).isEqualTo(wanted);
                                assertThat(now.getMetadata().getUid())
                                    .isEqualTo(before.getMetadata().getUid());
                              });
                      namespace.untilReady("tended");
                    }));
  }

  @Test
  void keepWhatOthersAdded() {
    GenericKubernetesResource ingress = child("Ingress");
    Command.kubectl(
        "annotate",
        "ingress",
        ingress.getMetadata().getName(),
        "-n",
        namespace.name(),
        "example.com/added=by-hand");

    // A change of the KvStore that reaches the Ingress is applied beside it.
    namespace.apply("tended", "{ingress: {annotations: {example.com/own: from-the-spec}}}");

    await()
        .atMost(TestNamespace.SECONDS)
        .untilAsserted(
            () ->
                assertThat(child("Ingress").getMetadata().getAnnotations())
                    .containsEntry("example.com/own", "from-the-spec")
                    .containsEntry("example.com/added", "by-hand"));
  }

  private static Object at(GenericKubernetesResource resource, List<String> path) {
    return path.getFirst().equals("metadata")
        ? resource.getMetadata().getLabels()
        : resource.get(path.toArray());
  }

  private static GenericKubernetesResource child(String kind) {
    return Children.of(namespace, "tended")
        .filter(child -> kind.equals(child.getKind()))
        .findFirst()
        .orElseThrow();
  }
}
