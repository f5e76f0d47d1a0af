package io.cloudraft.kvs.operator.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cloudraft.kvs.operator.settings.OperatorSettings;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBinding;
import io.fabric8.kubernetes.api.model.rbac.RoleBinding;
import io.fabric8.kubernetes.api.model.rbac.Subject;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Isolated;

/** The other ways to install the operator. The one that the other tests use rests meanwhile. */
@Tag("e2e")
@Isolated("removes the operator that the other tests use")
class InstallingTest {
  @RegisterExtension static final TestNamespace alone = new TestNamespace("kvs-e2e-alone");
  @RegisterExtension static final TestNamespace beside = new TestNamespace("kvs-e2e-beside");
  @RegisterExtension static final TestNamespace helm = new TestNamespace("kvs-e2e-helm");

  private static final String CHART = "../config/helm/kvs-operator";

  @BeforeAll
  static void theOperatorOfTheOtherTestsRests() {
    var operator = new OperatorPod(helm.client());
    operator.scale(0);
    await().atMost(TestNamespace.UNTIL_READY).until(() -> !operator.isThere());
  }

  @AfterAll
  static void theOperatorOfTheOtherTestsIsBack() {
    Installation.clusterWide();
  }

  @Test
  void helmMakesTheSameObjects() throws IOException {
    assertSame(
        helm("template", "kvs", CHART, "-n", OperatorPod.NAMESPACE),
        Command.kubectl("kustomize", "../config"),
        "Namespace kvs-system");
    // The namespace comes from the pod there, and from the values here.
    assertSame(
        helm(
            "template",
            "kvs",
            CHART,
            "--namespace=kvs",
            "--set=watchNamespaces={kvs},userRoles.install=false"),
        Command.kubectl("kustomize", "../config/namespaced"),
        "Deployment kvs-operator");
    assertSame(
        helm("template", "kvs", CHART, "-n", OperatorPod.NAMESPACE, "--set=replicas=2"),
        Command.kubectl("kustomize", twoReplicas("config", OperatorPod.NAMESPACE)),
        "Namespace kvs-system");
  }

  /** An overlay of one of our folders, with two replicas; where it is. */
  private static String twoReplicas(String folder, String namespace) throws IOException {
    var overlay = Files.createDirectories(Path.of("target/overlays", namespace));
    Files.writeString(
        overlay.resolve("kustomization.yaml"),
        """
        resources: [../../../../%s]
        components: [../../../../config/two-replicas]
        namespace: %s
        """
            .formatted(folder, namespace));
    return overlay.toString();
  }

  @Test
  void tendsOneNamespaceWithNoRightInAnother() throws IOException {
    Installation.of(twoReplicas("config/namespaced", alone.name()));
    rollout(alone);
    var installed = Instant.now();
    try {
      assertRunsWithoutPrivileges(alone);
      alone.apply("demo", "{}");
      beside.apply("demo", "{}");
      assertThat(alone.untilReady("demo").set("k", "v").statusCode()).isEqualTo(200);
      assertThat(alone.client().resources(ClusterRoleBinding.class).list().getItems())
          .noneMatch(binding -> binding.getSubjects().stream().anyMatch(InstallingTest::isAlone));
      assertThat(alone.client().resources(RoleBinding.class).inAnyNamespace().list().getItems())
          .filteredOn(binding -> binding.getSubjects().stream().anyMatch(InstallingTest::isAlone))
          .isNotEmpty()
          .allMatch(binding -> binding.getMetadata().getNamespace().equals(alone.name()));
      assertNothingWasRefused(alone, installed);
      assertIsNotTended(beside);
    } finally {
      alone.kvStore("demo").delete();
      beside.kvStore("demo").delete();
      Command.kubectl(
          "delete",
          "--ignore-not-found",
          "deployment,role,rolebinding,serviceaccount",
          "kvs-operator",
          "kvs-operator-leases",
          "-n",
          alone.name());
    }
  }

  @Test
  void helmInstallsUpgradesAndLeavesTheStoresWhenItGoes() {
    // The definition is there already, from kubectl.
    helm("install", "kvs", CHART, "-n", helm.name(), "--take-ownership", images());
    rollout(helm);
    helm.apply("demo", "{}");
    var store = helm.untilReady("demo");
    assertThat(store.set("k", "v").statusCode()).isEqualTo(200);
    var pod = helm.pod("demo").getMetadata().getUid();

    helm(
        "upgrade",
        "kvs",
        CHART,
        "-n",
        helm.name(),
        "--reuse-values",
        "--set=watchNamespaces={%s,%s},ingressDomain=helm.kvs.localhost"
            .formatted(helm.name(), alone.name()));
    rollout(helm);
    var upgraded = Instant.now();
    await("the new domain")
        .atMost(TestNamespace.UNTIL_READY)
        .untilAsserted(
            () ->
                assertThat(helm.kvStore("demo").require().<String>get("status", "url"))
                    .isEqualTo("http://demo.kvs-e2e-helm.helm.kvs.localhost"));
    alone.apply("second", "{}");
    beside.apply("third", "{}");
    alone.untilReady("second");
    assertIsNotTended(beside);
    assertNothingWasRefused(helm, upgraded);
    goesOnWithoutANamespaceThatTookItsRightsAlong();

    helm("uninstall", "kvs", "-n", helm.name(), "--wait");
    assertThat(
            helm.client()
                .apps()
                .deployments()
                .inNamespace(helm.name())
                .withName(OperatorPod.NAME)
                .get())
        .isNull();
    assertThat(helm.untilReady("demo").get("/get/k").body()).isEqualTo("v");
    assertThat(helm.pod("demo").getMetadata().getUid())
        .as("the same pod, all the time")
        .isEqualTo(pod);

    helm("install", "kvs", CHART, "-n", helm.name(), images());
    rollout(helm);
    beside.untilReady("third");
    helm("uninstall", "kvs", "-n", helm.name(), "--wait");
  }

  private static void goesOnWithoutANamespaceThatTookItsRightsAlong() {
    Command.kubectl("delete", "rolebinding", OperatorPod.NAME, "-n", alone.name());
    Command.kubectl("rollout", "restart", "deployment/" + OperatorPod.NAME, "-n", helm.name());
    rollout(helm);
    helm.apply("fourth", "{}");
    helm.untilReady("fourth");

    helm("upgrade", "kvs", CHART, "-n", helm.name(), "--reuse-values");
    alone.apply("fifth", "{}");
    alone.untilReady("fifth");
  }

  @Test
  void podSecurityIsEnforcedWhereTheOperatorAndTheStoresAre() {
    for (var namespace : List.of(OperatorPod.NAMESPACE, helm.name())) {
      var refused =
          Command.failing(
              "kubectl",
              "run",
              "privileged",
              "-n",
              namespace,
              "--image=" + Environment.busyboxImage(),
              "--privileged");
      assertThat(refused).contains("violates PodSecurity \"restricted", "privileged");
    }
  }

  /** The namespace enforces Pod Security "restricted", which says most of it; this is the rest. */
  private static void assertRunsWithoutPrivileges(TestNamespace namespace) {
    var pod =
        TestNamespace.pod(
            namespace.client(), namespace.name(), "app.kubernetes.io/name", OperatorPod.NAME);
    assertThat(pod.getSpec().getContainers())
        .isNotEmpty()
        .allSatisfy(
            container ->
                assertThat(container.getSecurityContext().getReadOnlyRootFilesystem()).isTrue());
  }

  private static boolean isAlone(Subject subject) {
    return alone.name().equals(subject.getNamespace());
  }

  /** An operator that asks for what it may not have would say so, or leave something undone. */
  private static void assertNothingWasRefused(TestNamespace namespace, Instant since) {
    Environment.auditLog()
        .ifPresent(
            log -> {
              var requests =
                  new AuditLog(log)
                      .requestsOf(
                          "system:serviceaccount:" + namespace.name() + ":kvs-operator", since);
              assertThat(requests).isNotEmpty();
              assertThat(requests)
                  .noneMatch(request -> request.at("/responseStatus/code").asInt() == 403);
            });
  }

  /** Those of another namespace, applied at the same moment, are Ready. */
  private static void assertIsNotTended(TestNamespace namespace) {
    assertThat(Children.of(namespace, "demo")).isEmpty();
    assertThat(Children.of(namespace, "third")).isEmpty();
  }

  private static void rollout(TestNamespace namespace) {
    Command.kubectl(
        "rollout",
        "status",
        "-n",
        namespace.name(),
        "deployment/" + OperatorPod.NAME,
        "--timeout=2m");
  }

  private static String helm(String... arguments) {
    return Command.run(
        Stream.concat(Stream.of(Environment.helm().split(" ")), Stream.of(arguments))
            .toArray(String[]::new));
  }

  private static String images() {
    var version = OperatorSettings.from(Map.of()).version();
    return "--set=image=%1$s/kvs-operator:%2$s,serviceImage=%1$s/kvs-service:%2$s"
        .formatted(Environment.images(), version);
  }

  private static void assertSame(String helm, String kustomize, String butFor) {
    var charted = objects(helm);
    var kustomized = objects(kustomize);
    charted.remove(butFor);
    assertThat(kustomized.remove(butFor)).as(butFor).isNotNull();
    assertThat(charted).containsOnlyKeys(kustomized.keySet());
    charted.forEach(
        (name, object) ->
            assertThat(object.equals(InstallingTest::compareNumbers, kustomized.get(name)))
                .as("%s%n%s%n%s", name, object, kustomized.get(name))
                .isTrue());
  }

  /** One of them writes 9007199254740992 as 9.007199254740992e+15. */
  private static int compareNumbers(JsonNode one, JsonNode other) {
    return one.isNumber() && other.isNumber()
        ? one.decimalValue().compareTo(other.decimalValue())
        : one.equals(other) ? 0 : 1;
  }

  /** By kind and name, without the mark that keeps the definition when Helm uninstalls. */
  private static Map<String, JsonNode> objects(String manifests) {
    var objects = new TreeMap<String, JsonNode>();
    for (var manifest : manifests.split("(?m)^---$", -1)) {
      var object = Serialization.unmarshal(manifest, ObjectNode.class);
      if (object == null) {
        continue;
      }
      if (object.at("/metadata/annotations/helm.sh~1resource-policy").asText().equals("keep")) {
        ((ObjectNode) object.path("metadata")).remove("annotations");
      }
      objects.put(
          object.path("kind").asText() + " " + object.at("/metadata/name").asText(), object);
    }
    return objects;
  }
}
