package io.cloudraft.kvs.operator.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.time.Duration;
import java.time.Instant;
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

  private static final String ANYBODY = "networkPolicy: {from: [{ipBlock: {cidr: 0.0.0.0/0}}]}";

  private static final List<String> ALL =
      List.of(
          "Deployment",
          "Service",
          "Ingress",
          "NetworkPolicy",
          "PersistentVolumeClaim",
          "ServiceAccount");

  @BeforeAll
  static void aStoreIsReady() {
    namespace.apply("tended", "{%s}".formatted(ANYBODY));
    namespace.untilReady("tended");
  }

  @Test
  void areAllThere() {
    assertThat(Children.of(namespace, "tended").map(HasMetadata::getKind))
        .containsExactlyInAnyOrderElementsOf(ALL);
  }

  @TestFactory
  Stream<DynamicTest> whenDeleted() {
    return ALL.stream()
        .filter(kind -> !kind.equals("PersistentVolumeClaim")) // Its pod still uses it.
        .map(
            kind ->
                DynamicTest.dynamicTest(
                    kind,
                    () -> {
                      comesBackWhenDeleted("tended", kind);
                      namespace.untilReady("tended");
                    }));
  }

  /** What a pod still uses is not removed before the pod is. */
  @Test
  void whenTheClaimOfAStoppedStoreIsDeleted() {
    namespace.apply("stopped", "{replicas: 0}");
    namespace.untilStopped("stopped");

    comesBackWhenDeleted("stopped", "PersistentVolumeClaim");
  }

  /** There is no node for its pods; what it becomes beside is there all the same. */
  @Test
  void whenTheBudgetOfSeveralReplicasIsDeletedOrAltered() {
    namespace.apply(
        "several",
        "{replicas: 2, engine: {type: Etcd, etcd: {endpoints: ['http://nowhere:2379']}},"
            + " podTemplate: {nodeSelector: {no: node}}}");
    await("its PodDisruptionBudget")
        .atMost(TestNamespace.SECONDS)
        .ignoreExceptions()
        .until(() -> child("several", "PodDisruptionBudget") != null);

    comesBackWhenDeleted("several", "PodDisruptionBudget");
    isSetBack(
        "several",
        new Alteration(
            "PodDisruptionBudget",
            "[{\"op\":\"replace\",\"path\":\"/spec/maxUnavailable\",\"value\":2}]",
            "spec",
            "maxUnavailable"));
    isSetBack("several", withoutLabels("PodDisruptionBudget"));
    namespace.kvStore("several").delete();
  }

  /** It may have been the operator itself, without hearing that what it wrote was taken. */
  @Test
  void andSoDoesTheStatusThatSomebodyElseWrote() {
    GenericKubernetesResource before = namespace.kvStore("tended").require();
    namespace.patchStatus("kvstore", "tended", "{\"status\":{\"url\":\"http://nowhere\"}}");
    await("the status to come back")
        .atMost(TestNamespace.SECONDS)
        .untilAsserted(
            () ->
                assertThat(namespace.kvStore("tended").require().<String>get("status", "url"))
                    .isEqualTo(before.get("status", "url")));
  }

  private static void comesBackWhenDeleted(String store, String kind) {
    GenericKubernetesResource before = child(store, kind);
    namespace.live(before).delete();
    await(kind + " to come back")
        .atMost(TestNamespace.SECONDS)
        .ignoreExceptions()
        .untilAsserted(
            () ->
                assertThat(child(store, kind).getMetadata().getUid())
                    .isNotEqualTo(before.getMetadata().getUid()));
  }

  /** Somebody else holds it up for a while, as a backup may; until then it goes on as it was. */
  @Test
  void areLeftAloneWhileTheirStoreIsBeingDeleted() {
    namespace.apply("going", "{replicas: 0}");
    namespace.untilStopped("going");
    namespace.patch(
        "kvstore", "going", "{\"metadata\":{\"finalizers\":[\"example.com/holds-it-up\"]}}");
    namespace.kvStore("going").delete();
    await("its deletion to begin")
        .atMost(TestNamespace.SECONDS)
        .until(
            () ->
                namespace.kvStore("going").require().getMetadata().getDeletionTimestamp() != null);
    Instant deleted = Instant.now();

    namespace.live(child("going", "Service")).delete();
    namespace.patch("deployment", "going", "{\"spec\":{\"replicas\":1}}");
    namespace.patch("kvstore", "going", "{\"spec\":{\"limits\":{\"maxValueBytes\":7}}}");
    // Not a wait for something to come, but for the time in which it would.
    await().pollDelay(Duration.ofSeconds(15)).atMost(TestNamespace.SECONDS).until(() -> true);

    assertThat(Children.of(namespace, "going"))
        .extracting(HasMetadata::getKind)
        .containsExactlyInAnyOrder(
            "Deployment", "Ingress", "PersistentVolumeClaim", "ServiceAccount");
    assertThat(child("going", "Deployment").<Integer>get("spec", "replicas")).isOne();
    assertThat(AuditLog.operatorWrites(deleted, namespace))
        .noneMatch(write -> write.contains("/going"));
    namespace.patch("kvstore", "going", "{\"metadata\":{\"finalizers\":null}}");
    await("all but the claim to go")
        .atMost(TestNamespace.UNTIL_READY)
        .untilAsserted(
            () ->
                assertThat(Children.of(namespace, "going").map(HasMetadata::getKind))
                    .containsExactly("PersistentVolumeClaim"));
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
              "NetworkPolicy",
              "[{\"op\":\"replace\",\"path\":\"/spec/ingress\",\"value\":[]}]",
              "spec",
              "ingress"),
          new Alteration(
              "ServiceAccount",
              "[{\"op\":\"replace\",\"path\":\"/automountServiceAccountToken\",\"value\":true}]",
              "automountServiceAccountToken"));

  /** Without them the operator does not see the child any longer, until it is in its way. */
  private static Alteration withoutLabels(String kind) {
    return new Alteration(
        kind, "[{\"op\":\"remove\",\"path\":\"/metadata/labels\"}]", "metadata", "labels");
  }

  @TestFactory
  Stream<DynamicTest> whenAltered() {
    return Stream.concat(
            ALTERATIONS.stream(), ALL.stream().map(ChildrenComeBackTest::withoutLabels))
        .map(
            alteration ->
                DynamicTest.dynamicTest(
                    alteration.kind() + " " + String.join(".", alteration.path()),
                    () -> {
                      isSetBack("tended", alteration);
                      namespace.untilReady("tended");
                    }));
  }

  private static void isSetBack(String store, Alteration alteration) {
    GenericKubernetesResource before = child(store, alteration.kind());
    Object wanted = at(before, alteration.path());
    namespace.patchByJson(alteration.kind(), before.getMetadata().getName(), alteration.patch());
    await(alteration + " to be set back")
        .atMost(TestNamespace.SECONDS)
        .untilAsserted(
            () -> {
              GenericKubernetesResource now = namespace.live(before).require();
              assertThat(at(now, alteration.path())).isEqualTo(wanted);
              assertThat(now.getMetadata().getUid()).isEqualTo(before.getMetadata().getUid());
            });
  }

  /** The API server gives it to a new Ingress only. */
  @Test
  void haveTheDefaultClassAgainWhenNoneIsNamedAnyMore() {
    namespace.apply("classy", "{replicas: 0}");
    namespace.untilStopped("classy");
    String byDefault = child("classy", "Ingress").get("spec", "ingressClassName");
    assertThat(byDefault).as("this cluster has a default class").isNotNull();

    namespace.apply("classy", "{replicas: 0, ingress: {className: other}}");
    untilClassIs("classy", "other");
    namespace.apply("classy", "{replicas: 0}");
    untilClassIs("classy", byDefault);
  }

  private static void untilClassIs(String store, String name) {
    await("class " + name)
        .atMost(TestNamespace.SECONDS)
        .ignoreExceptions()
        .untilAsserted(
            () ->
                assertThat(child(store, "Ingress").<String>get("spec", "ingressClassName"))
                    .isEqualTo(name));
  }

  @Test
  void keepWhatOthersAdded() {
    GenericKubernetesResource ingress = child("tended", "Ingress");
    Command.kubectl(
        "annotate",
        "ingress",
        ingress.getMetadata().getName(),
        "-n",
        namespace.name(),
        "example.com/added=by-hand");

    // A change of the KvStore that reaches the Ingress is applied beside it.
    namespace.apply(
        "tended",
        "{%s, ingress: {annotations: {example.com/own: from-the-spec}}}".formatted(ANYBODY));

    await()
        .atMost(TestNamespace.SECONDS)
        .untilAsserted(
            () ->
                assertThat(child("tended", "Ingress").getMetadata().getAnnotations())
                    .containsEntry("example.com/own", "from-the-spec")
                    .containsEntry("example.com/added", "by-hand"));
  }

  private static Object at(GenericKubernetesResource resource, List<String> path) {
    return path.getFirst().equals("metadata")
        ? resource.getMetadata().getLabels()
        : resource.get(path.toArray());
  }

  private static GenericKubernetesResource child(String store, String kind) {
    return Children.of(namespace, store)
        .filter(child -> kind.equals(child.getKind()))
        .findFirst()
        .orElseThrow();
  }
}
