package io.cloudraft.kvs.operator.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * What a team sees that keeps its stores, and the operator, in a repository that Argo CD follows.
 */
@Tag("e2e")
@Isolated("removes the operator that the other tests use")
class ArgoCdTest {
  @RegisterExtension static final TestNamespace byClient = new TestNamespace("kvs-e2e-argo-client");
  @RegisterExtension static final TestNamespace byServer = new TestNamespace("kvs-e2e-argo-server");

  private static final String DEFINITION = "kvstores.kvs.cloudraft.io";
  private static final GitRepository repository = GitRepository.create(Path.of("target/argocd"));

  @BeforeAll
  static void argoCdRuns() {
    var installer =
        Environment.installArgoCd()
            .orElseThrow(
                () -> new IllegalStateException("KVS_E2E_INSTALL_ARGOCD is not set: run dev/e2e"));
    Command.run("bash", "-c", installer);
    // The command of docs/operator.md.
    Command.kubectl(
        "patch",
        "configmap",
        "argocd-cm",
        "-n",
        "argocd",
        "--type=merge",
        "--patch-file=../config/argocd/argocd-cm.yaml");
  }

  /** Those of a test that failed would go on to do what they are for. */
  @AfterEach
  void noApplicationIsLeft() {
    Command.kubectl("delete", "applications", "--all", "-n", "argocd");
  }

  @AfterAll
  static void theOperatorIsInstalledAsBefore() {
    Installation.clusterWide();
  }

  @Test
  void storesAreWhatTheRepositorySays() {
    keep("");
    var revision = repository.commit();
    var applications =
        Map.of(
            byClient, stores(byClient, "SkipDryRunOnMissingResource=true"),
            byServer, stores(byServer, "SkipDryRunOnMissingResource=true", "ServerSideApply=true"));

    applications.forEach(
        (namespace, application) -> {
          application.until(revision, "Healthy");
          assertIsReady(namespace);
          namespace.untilReady("demo").set("kept", "here");
          assertThat(namespace.kvStore("demo").require().getMetadata().getLabels())
              .containsEntry("app.kubernetes.io/instance", application.name());
          assertThat(Children.of(namespace, "demo"))
              .hasSize(5)
              .allSatisfy(ArgoCdTest::assertIsNoneOfArgoCds);
        });

    // No drift, also when compared without any cache, though its amounts are written in an odd way.
    applications.forEach(
        (namespace, application) -> {
          var synced = application.status().path("history");
          application.refresh("hard");
          assertThat(application.status().at("/sync/status").asText()).isEqualTo("Synced");
          assertThat(application.status().path("history")).isEqualTo(synced);
        });

    // A change, which rolls.
    var healths = new CopyOnWriteArrayList<String>();
    keep("limits: {maxValueBytes: 7}");
    var changed = repository.commit();
    try (var _ = new ArgoApplication(byServer.client(), byServer.name()).notingHealths(healths)) {
      applications.forEach(
          (namespace, application) -> {
            application.until(changed, "Healthy");
            assertIsReady(namespace);
            assertThat(namespace.untilReady("demo").set("k", "12345678").statusCode())
                .isEqualTo(413);
          });
    }
    assertThat(healths).containsSubsequence("Progressing", "Healthy").doesNotContain("Degraded");

    // Paused and going on.
    applications.forEach(
        (namespace, application) -> {
          annotate(namespace, "kvs.cloudraft.io/paused=true");
          application.until(changed, "Suspended");
          annotate(namespace, "kvs.cloudraft.io/paused-");
          application.until(changed, "Healthy");
        });

    // Drift by hand.
    applications.forEach(
        (namespace, _) ->
            namespace.patch("kvstore", "demo", "{\"spec\":{\"limits\":{\"maxValueBytes\":9}}}"));
    applications.forEach(
        (namespace, application) -> {
          await("the change by hand to be taken back")
              .atMost(TestNamespace.SECONDS)
              .until(() -> maxValueBytes(namespace) == 7);
          application.until(changed, "Healthy");
        });

    // Broken, and repaired.
    keep("image: localhost/nowhere:1");
    var broken = repository.commit();
    applications.forEach(
        (_, application) -> {
          application.until(broken, "Degraded");
        });
    keep("limits: {maxValueBytes: 7}");
    var repaired = repository.commit();
    applications.forEach(
        (namespace, application) -> {
          application.until(repaired, "Healthy");
          assertThat(namespace.untilReady("demo").get("/get/kept").body()).isEqualTo("here");
        });

    // Pruned, and back.
    repository.remove("stores/demo.yaml");
    var pruned = repository.commit();
    applications.forEach(
        (namespace, application) -> {
          application.until(pruned, "Healthy");
          assertIsGoneButForItsClaim(namespace);
        });
    keep("");
    var back = repository.commit();
    applications.forEach(
        (namespace, application) -> {
          application.until(back, "Healthy");
          assertThat(namespace.untilReady("demo").get("/get/kept").body()).isEqualTo("here");
        });

    // Deleted with all that it made.
    applications.forEach(
        (namespace, application) -> {
          application.deleteWithAllOfIt();
          assertIsGoneButForItsClaim(namespace);
        });
  }

  @Test
  void theDefinitionOutlivesItsApplication() {
    Command.kubectl("delete", "deployment", OperatorPod.NAME, "-n", OperatorPod.NAMESPACE);
    repository.copy(Path.of("../config"), "config").copy(Path.of("../crds"), "crds");
    var revision = repository.commit();
    var application =
        ArgoApplication.apply(
            byServer.client(), "operator.yaml", "kvs-operator", repository, _ -> {});
    application.until(revision, "Healthy");

    Command.kubectl(
        "set",
        "env",
        "deployment/kvs-operator",
        "-n",
        OperatorPod.NAMESPACE,
        "KVS_INGRESS_DOMAIN=by-hand.localhost");
    await("the change by hand to be taken back")
        .atMost(TestNamespace.SECONDS)
        .untilAsserted(() -> assertThat(operatorDomain()).isEqualTo("kvs.localhost"));
    application.until(revision, "Healthy");

    byServer.apply("survivor", "{}");
    byServer.untilReady("survivor");
    repository.write("config/kustomization.yaml", "resources: [operator, rbac]\n");
    application.until(repository.commit(), "Healthy");
    assertThat(definition()).as("not pruned").isPresent();
    application.deleteWithAllOfIt();
    assertThat(
            byServer
                .client()
                .apps()
                .deployments()
                .inNamespace(OperatorPod.NAMESPACE)
                .withName(OperatorPod.NAME)
                .get())
        .isNull();
    assertThat(definition()).as("not deleted").isPresent();
    assertThat(byServer.untilReady("survivor").get("/search").statusCode()).isEqualTo(200);
    Installation.clusterWide();
    byServer.kvStore("survivor").delete();
  }

  /** From nothing: not even the definition is there when Argo CD looks at the store. */
  @Test
  void definitionAndStoreComeInOneApplicationAndInWaves() {
    Command.kubectl("delete", "-k", "../config", "--ignore-not-found");
    repository
        .copy(Path.of("../config"), "config")
        .copy(Path.of("../crds"), "crds")
        .write("together/kustomization.yaml", "resources: [../config, store.yaml, after.yaml]\n");
    var first = together(1);
    var application =
        ArgoApplication.apply(
            byServer.client(),
            "operator.yaml",
            "together",
            repository,
            spec -> ((ObjectNode) spec.path("source")).put("path", "together"));
    awaitWave(1);
    application.until(first, "Healthy");

    var second = together(2);
    application.refresh("normal");
    awaitWave(2);
    application.until(second, "Healthy");
    byServer.kvStore("waves").delete();
  }

  private static String together(int number) {
    return repository
        .write(
            "together/store.yaml",
            """
            apiVersion: kvs.cloudraft.io/v1
            kind: KvStore
            metadata:
              name: waves
              namespace: %s
              annotations:
                argocd.argoproj.io/sync-wave: "1"
                argocd.argoproj.io/sync-options: SkipDryRunOnMissingResource=true
            spec: {limits: {maxValueBytes: %d}}
            """
                .formatted(byServer.name(), number))
        .write(
            "together/after.yaml",
            """
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: after, namespace: %s, annotations: {argocd.argoproj.io/sync-wave: "2"}}
            data: {number: "%d"}
            """
                .formatted(byServer.name(), number))
        .commit();
  }

  /** What comes in the wave after the store is there only once the store of that spec is Ready. */
  private static void awaitWave(int number) {
    await("wave 2 of commit " + number)
        .atMost(Duration.ofMinutes(3))
        .pollInterval(Duration.ofMillis(100))
        .until(
            () ->
                Optional.ofNullable(
                        byServer
                            .client()
                            .configMaps()
                            .inNamespace(byServer.name())
                            .withName("after")
                            .get())
                    .map(after -> after.getData().get("number"))
                    .filter(("" + number)::equals)
                    .isPresent());
    GenericKubernetesResource store = byServer.kvStore("waves").require();
    assertThat(store.<Integer>get("spec", "limits", "maxValueBytes")).isEqualTo(number);
    assertIsReady(store);
  }

  /** The amounts are 1Gi, 100m, 512Mi and 512Mi. */
  private static void keep(String more) {
    repository
        .write("stores/other.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: other}\n")
        .write(
            "stores/demo.yaml",
            """
            apiVersion: kvs.cloudraft.io/v1
            kind: KvStore
            metadata:
              name: demo
              annotations: {argocd.argoproj.io/sync-wave: "1"}
            spec:
              storage: {size: 1024Mi}
              resources: {requests: {cpu: "0.1", memory: 0.5Gi}, limits: {memory: 536870912}}
              %s
            """
                .formatted(more));
  }

  private static ArgoApplication stores(TestNamespace namespace, String... options) {
    return ArgoApplication.apply(
        namespace.client(),
        "stores.yaml",
        namespace.name(),
        repository,
        spec -> {
          ((ObjectNode) spec.path("destination")).put("namespace", namespace.name());
          var syncOptions = ((ObjectNode) spec.path("syncPolicy")).putArray("syncOptions");
          List.of(options).forEach(syncOptions::add);
        });
  }

  private static void assertIsReady(TestNamespace namespace) {
    assertIsReady(namespace.kvStore("demo").require());
  }

  private static void assertIsReady(GenericKubernetesResource store) {
    assertThat(TestNamespace.condition(store, "Ready"))
        .as("as soon as Argo CD goes on")
        .containsEntry("status", "True")
        .containsEntry("observedGeneration", store.getMetadata().getGeneration().intValue());
  }

  private static void assertIsNoneOfArgoCds(GenericKubernetesResource child) {
    var metadata = child.getMetadata();
    assertThat(metadata.getLabels()).doesNotContainKey("app.kubernetes.io/instance");
    assertThat(metadata.getLabels().keySet()).noneMatch(label -> label.contains("argoproj"));
    assertThat(Optional.ofNullable(metadata.getAnnotations()).orElse(Map.of()).keySet())
        .noneMatch(
            annotation -> annotation.contains("argoproj") || annotation.contains("last-applied"));
  }

  private static void assertIsGoneButForItsClaim(TestNamespace namespace) {
    await("all but the claim to go")
        .atMost(TestNamespace.UNTIL_READY)
        .untilAsserted(
            () ->
                assertThat(Children.of(namespace, "demo").map(HasMetadata::getKind))
                    .containsExactly("PersistentVolumeClaim"));
    assertThat(namespace.kvStore("demo").get()).isNull();
  }

  private static void annotate(TestNamespace namespace, String annotation) {
    Command.kubectl("annotate", "kvstore", "demo", annotation, "-n", namespace.name());
  }

  private static int maxValueBytes(TestNamespace namespace) {
    return namespace.kvStore("demo").require().<Integer>get("spec", "limits", "maxValueBytes");
  }

  private static Optional<CustomResourceDefinition> definition() {
    return Optional.ofNullable(
        byServer.client().resources(CustomResourceDefinition.class).withName(DEFINITION).get());
  }

  private static String operatorDomain() {
    return byServer
        .client()
        .apps()
        .deployments()
        .inNamespace(OperatorPod.NAMESPACE)
        .withName(OperatorPod.NAME)
        .require()
        .getSpec()
        .getTemplate()
        .getSpec()
        .getContainers()
        .getFirst()
        .getEnv()
        .stream()
        .filter(variable -> variable.getName().equals("KVS_INGRESS_DOMAIN"))
        .findFirst()
        .orElseThrow()
        .getValue();
  }
}
