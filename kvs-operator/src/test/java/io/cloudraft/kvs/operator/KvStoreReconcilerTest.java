package io.cloudraft.kvs.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cloudraft.kvs.operator.ApiServer.Applied;
import io.cloudraft.kvs.operator.api.KvStore;
import io.cloudraft.kvs.operator.resource.Children;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.StatusBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.IngressBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.javaoperatorsdk.operator.Operator;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * What the operator asks of the API server for a KvStore that it meets, and what it makes of the
 * answers.
 */
class KvStoreReconcilerTest {
  private static final String SERVICE = "/api/v1/namespaces/shop/services/demo";
  private static final String CLAIM = "/api/v1/namespaces/shop/persistentvolumeclaims/demo-data";
  private static final String ACCOUNT = "/api/v1/namespaces/shop/serviceaccounts/demo";
  private static final String DEPLOYMENT = "/apis/apps/v1/namespaces/shop/deployments/demo";
  private static final String INGRESSES = "/apis/networking.k8s.io/v1/ingresses";
  private static final String INGRESS = "/apis/networking.k8s.io/v1/namespaces/shop/ingresses/demo";
  private static final String SERVICE_MONITOR =
      "/apis/monitoring.coreos.com/v1/namespaces/shop/servicemonitors/demo";
  private static final String STATUS =
      "/apis/kvs.cloudraft.io/v1/namespaces/shop/kvstores/demo/status";

  private final KvStore store = Stores.with("{}");
  private final ApiServer apiServer = new ApiServer(store);
  private final Operator operator = operator(apiServer);

  @AfterEach
  void stop() {
    operator.stop();
    apiServer.close();
  }

  @Test
  void appliesEachChildUnderItsFieldManagerAndOnlyTheStatusOfTheKvStore() {
    start();

    awaitReason("RollingOut");
    assertThat(apiServer.appliedPaths())
        .containsExactly(CLAIM, ACCOUNT, SERVICE, DEPLOYMENT, STATUS, INGRESS);
    assertThat(apiServer.appliedPaths())
        .flatExtracting(apiServer::applied)
        .allSatisfy(
            request -> {
              assertThat(request.query().split("&"))
                  .containsExactlyInAnyOrder("fieldManager=kvs-operator", "force=true");
              assertThat(request.contentType()).startsWith("application/apply-patch+yaml");
            });
    assertThat(apiServer.applied(STATUS))
        .allSatisfy(
            request -> assertThat(request.object().getAdditionalProperties().get("spec")).isNull());
  }

  @Test
  void appliesAServiceMonitorWhereThatKindIsInstalled() {
    apiServer.hasServiceMonitors();
    start();

    await().untilAsserted(() -> assertThat(apiServer.applied(SERVICE_MONITOR)).hasSize(1));
  }

  @Test
  void leavesAloneWhatBelongsToSomebodyElse() {
    apiServer.answer("PATCH", SERVICE, 409, failure("the object has been modified"));
    apiServer.answer(
        "GET",
        SERVICE,
        200,
        new ServiceBuilder().withNewMetadata().withName("demo").endMetadata().build());
    start();

    assertThat(awaitReason("NameTaken")).contains("There is a Service demo already");
    assertThat(apiServer.applied(SERVICE)).hasSize(1);
    assertThat(apiServer.appliedPaths()).contains(DEPLOYMENT, INGRESS);
  }

  @Test
  void takesUpAClaimThatNobodyOwns() {
    apiServer.answer("PATCH", CLAIM, 409, failure("the object has been modified"));
    apiServer.answer(
        "GET",
        CLAIM,
        200,
        new PersistentVolumeClaimBuilder()
            .withNewMetadata()
            .withName("demo-data")
            .endMetadata()
            .build());
    start();

    await()
        .untilAsserted(
            () ->
                assertThat(apiServer.applied(CLAIM))
                    .extracting(request -> request.object().getMetadata().getResourceVersion())
                    .as("first only if there is none, then on top of the one that is there")
                    .containsExactly("1", null));
  }

  @Test
  void leavesAClaimAloneThatSomebodyElseOwns() {
    apiServer.answer("PATCH", CLAIM, 409, failure("the object has been modified"));
    apiServer.answer(
        "GET",
        CLAIM,
        200,
        new PersistentVolumeClaimBuilder()
            .withNewMetadata()
            .withName("demo-data")
            .addNewOwnerReference()
            .withApiVersion("apps/v1")
            .withKind("StatefulSet")
            .withName("demo")
            .endOwnerReference()
            .endMetadata()
            .build());
    start();

    assertThat(awaitReason("NameTaken")).contains("PersistentVolumeClaim demo-data");
    assertThat(apiServer.applied(CLAIM)).hasSize(1);
  }

  @Test
  void tellsWhatTheApiServerRefusesAndBringsTheOthersUpToDate() {
    apiServer.answer("PATCH", DEPLOYMENT, 403, failure("exceeded quota: pods"));
    start();

    assertThat(awaitReason("Refused"))
        .isEqualTo("The API server refused the Deployment demo: exceeded quota: pods.");
    assertThat(apiServer.appliedPaths()).contains(CLAIM, ACCOUNT, SERVICE, INGRESS);
  }

  /** The API server answers 500 to an apply that no other try will make better. */
  @Test
  void tellsWhatTheApiServerCannotMerge() {
    apiServer.refuseAlways(
        "PATCH",
        DEPLOYMENT,
        500,
        failure("failed to create typed patch object (shop/demo): duplicate entries for key"));
    start();

    assertThat(awaitReason("Refused")).contains("Deployment demo", "duplicate entries for key");
  }

  @Test
  void triesAgainWhatFailed() {
    // Something had the name, and has gone before it could be looked at.
    apiServer.answer("PATCH", SERVICE, 409, failure("the object has been modified"));
    start();

    assertThat(awaitReason("Retrying")).contains("Service demo", "the object has been modified");
    awaitReason("RollingOut");
  }

  @Test
  void tellsWhatIsInvalidWithoutTouchingAnything() {
    var invalid = Stores.with("{replicas: 2}");
    try (var server = new ApiServer(invalid)) {
      var tending = start(server);
      await().untilAsserted(() -> assertThat(server.applied(STATUS)).isNotEmpty());
      tending.stop();

      assertThat(reason(server.applied(STATUS).getFirst())).isEqualTo("InvalidSpec");
      assertThat(server.appliedPaths()).containsExactly(STATUS);
    }
  }

  /** An operator that ends between the two would otherwise find nothing left to do. */
  @Test
  void deletesAnIngressThatNeedsTheDefaultClassBeforeItChangesIt() {
    apiServer.answer("PATCH", INGRESS, 200, ingressOfAnotherClass());
    apiServer.refuseAlways("DELETE", INGRESS, 409, failure("not today"));
    start();

    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(() -> assertThat(apiServer.deletions(INGRESS)).hasSizeGreaterThan(1));
    assertThat(apiServer.applied(INGRESS)).hasSize(1);
    assertThat(awaitReason("Retrying")).contains("Ingress demo", "not today");
  }

  /** A watch that was cut before it told of the first one tells nothing of its end either. */
  @Test
  void makesAnIngressAnewWithoutBeingToldThatTheFormerHasGone() {
    apiServer.answer("PATCH", INGRESS, 200, ingressOfAnotherClass());
    start();

    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(() -> assertThat(apiServer.applied(INGRESS)).hasSize(2));
    assertThat(apiServer.deletions(INGRESS)).hasSize(1);
  }

  /** Neither that it came nor that it went is told when it is listed again. */
  @Test
  void makesAnewWhatWasDeletedSoonerThanItWasSeen() {
    try (var server = new ApiServer(Stores.with("{replicas: 0}"))) {
      server.answer("PATCH", DEPLOYMENT, 200, deploymentAtRest());
      var tending = start(server);
      await().untilAsserted(() -> assertThat(server.applied(STATUS)).isNotEmpty());
      assertThat(reason(server.applied(STATUS).getFirst()))
          .as("it does not look again by itself then")
          .isEqualTo("ScaledToZero");
      assertThat(server.applied(INGRESS)).hasSize(1);
      server.breakWatch(INGRESSES);

      await()
          .atMost(Duration.ofSeconds(30))
          .untilAsserted(() -> assertThat(server.applied(INGRESS)).hasSizeGreaterThan(1));
      tending.stop();
    }
  }

  /** A KvStore may have been changed since, or deleted and made anew. */
  @Test
  void writesTheStatusOnlyOnTopOfWhatItLookedAt() {
    apiServer.answer("PATCH", STATUS, 409, failure("the object has been modified"));
    start();

    await().untilAsserted(() -> assertThat(apiServer.applied(STATUS)).hasSize(2));
    assertThat(apiServer.applied(STATUS))
        .allSatisfy(
            request -> {
              assertThat(request.object().getMetadata().getResourceVersion())
                  .isEqualTo(store.getMetadata().getResourceVersion())
                  .isNotNull();
              assertThat(reason(request)).isEqualTo("RollingOut");
            });
  }

  /** What the API server has made of a child that the operator applied. */
  private static ObjectMetaBuilder applied(String name) {
    return applied(name, Map.of());
  }

  private static ObjectMetaBuilder applied(String name, Map<String, Object> fields) {
    return new ObjectMetaBuilder()
        .withName(name)
        .withNamespace("shop")
        .withLabels(Map.of("kvs.cloudraft.io/store", "demo"))
        .withResourceVersion("2")
        .addNewManagedField()
        .withManager("kvs-operator")
        .withOperation("Apply")
        .withNewFieldsV1()
        .addToAdditionalProperties(fields)
        .endFieldsV1()
        .endManagedField();
  }

  private static Ingress ingressOfAnotherClass() {
    return new IngressBuilder()
        .withMetadata(
            applied("demo", Map.of("f:spec", Map.of("f:ingressClassName", Map.of()))).build())
        .withNewSpec()
        .withIngressClassName("other")
        .endSpec()
        .build();
  }

  private static Deployment deploymentAtRest() {
    return new DeploymentBuilder()
        .withMetadata(applied("demo").withGeneration(1L).build())
        .withNewSpec()
        .withReplicas(0)
        .endSpec()
        .withNewStatus()
        .withObservedGeneration(1L)
        .endStatus()
        .build();
  }

  @Test
  void tellsThatItsClaimGetsNoVolume() {
    apiServer.answer("PATCH", CLAIM, 200, claimThatWaits());
    start();

    assertThat(awaitReason("ClaimNotBound")).contains("demo-data", "none-such");
  }

  /** Such a claim may wait for its first pod. */
  @Test
  void blamesNoClaimForAStoreThatAsksForNoPod() {
    try (var server = new ApiServer(Stores.with("{replicas: 0}"))) {
      server.answer("PATCH", CLAIM, 200, claimThatWaits());
      var tending = start(server);
      await().untilAsserted(() -> assertThat(server.applied(STATUS)).isNotEmpty());
      tending.stop();

      assertThat(reason(server.applied(STATUS).getFirst())).isEqualTo("RollingOut");
    }
  }

  private static PersistentVolumeClaim claimThatWaits() {
    return new PersistentVolumeClaimBuilder()
        .withMetadata(applied("demo-data").withCreationTimestamp("2020-01-01T00:00:00Z").build())
        .withNewSpec()
        .withStorageClassName("none-such")
        .withNewResources()
        .addToRequests("storage", new Quantity("1Gi"))
        .endResources()
        .endSpec()
        .withNewStatus()
        .withPhase("Pending")
        .endStatus()
        .build();
  }

  @Test
  void leavesTheChildrenOfAPausedStoreAsTheyAre() {
    store.getMetadata().setAnnotations(Map.of("kvs.cloudraft.io/paused", "true"));
    start();

    awaitReason("Paused");
    assertThat(apiServer.appliedPaths()).containsExactly(STATUS);
  }

  @Test
  void tellsWhatCannotBeReadAndTendsTheOthers() {
    var unreadable =
        Serialization.unmarshal(
            """
            apiVersion: kvs.cloudraft.io/v1
            kind: KvStore
            metadata: {name: unreadable, namespace: shop, uid: u2, generation: 1}
            spec: {replicas: three}
            """,
            GenericKubernetesResource.class);
    try (var server = new ApiServer(unreadable, store)) {
      var tending = start(server);
      var status = STATUS.replace("demo", "unreadable");
      await()
          .untilAsserted(
              () -> {
                assertThat(server.applied(status)).isNotEmpty();
                assertThat(server.applied(DEPLOYMENT)).isNotEmpty();
              });
      tending.stop();

      assertThat(server.applied(status).getFirst().contentType())
          .as("an apply to what the definition does not allow is refused")
          .startsWith("application/merge-patch+json");
      assertThat(ready(server.applied(status).getFirst()))
          .containsEntry("reason", "InvalidSpec")
          .containsEntry(
              "message",
              "spec.replicas is '\"three\"' but must be of the type that kubectl explain"
                  + " kvstore.spec.replicas names.");
      assertThat(server.appliedPaths())
          .filteredOn(path -> path.contains("unreadable"))
          .containsExactly(status);
    }
  }

  @Test
  void leavesAKvStoreAloneThatIsBeingDeleted() {
    var leaving = Stores.with("{}");
    leaving.getMetadata().setName("leaving");
    leaving.getMetadata().setDeletionTimestamp("2030-01-01T00:00:00Z");
    leaving.getMetadata().setFinalizers(List.of("foregroundDeletion"));
    try (var server = new ApiServer(leaving, store)) {
      var tending = start(server);
      await().untilAsserted(() -> assertThat(server.applied(STATUS)).isNotEmpty());
      tending.stop();

      assertThat(server.appliedPaths()).noneMatch(path -> path.contains("leaving"));
    }
  }

  private void start() {
    start(operator);
  }

  /** For a test that needs an API server of its own; to be stopped. */
  private static Operator start(ApiServer server) {
    var operator = operator(server);
    start(operator);
    return operator;
  }

  private static Operator operator(ApiServer server) {
    return new Operator(configuration -> OperatorMain.configure(configuration, server.client()));
  }

  private static void start(Operator operator) {
    operator.register(
        new KvStoreReconciler(
            Stores.OPERATOR,
            new Children(Stores.OPERATOR, operator.getKubernetesClient()),
            new StoreEvents(operator.getKubernetesClient()),
            new Secrets(operator.getKubernetesClient()),
            InstantSource.system()),
        configuration -> OperatorMain.configure(configuration, Stores.OPERATOR.watchNamespaces()));
    operator.start();
  }

  /** The sentence of the Ready condition, once that has the reason. */
  private String awaitReason(String reason) {
    await("reason " + reason)
        .atMost(Duration.ofSeconds(30))
        .until(() -> apiServer.applied(STATUS).stream().anyMatch(r -> reason(r).equals(reason)));
    return apiServer.applied(STATUS).stream()
        .filter(request -> reason(request).equals(reason))
        .findFirst()
        .map(request -> String.valueOf(ready(request).get("message")))
        .orElseThrow();
  }

  private static String reason(Applied request) {
    return String.valueOf(ready(request).get("reason"));
  }

  private static Map<String, Object> ready(Applied request) {
    List<Map<String, Object>> conditions = request.object().get("status", "conditions");
    return conditions.getFirst();
  }

  private static Object failure(String message) {
    return new StatusBuilder().withStatus("Failure").withMessage(message).build();
  }
}
