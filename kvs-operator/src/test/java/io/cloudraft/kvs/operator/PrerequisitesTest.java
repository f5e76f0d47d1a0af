package io.cloudraft.kvs.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cloudraft.kvs.operator.api.KvStore;
import io.cloudraft.kvs.operator.ops.Leadership;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.StatusBuilder;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PrerequisitesTest {
  private static final String STORES = "/apis/kvs.cloudraft.io/v1/kvstores";
  private static final String SHOP = "/apis/kvs.cloudraft.io/v1/namespaces/shop/kvstores";
  private static final String CLAIMS = "/api/v1/persistentvolumeclaims";

  private final ApiServer apiServer = new ApiServer();

  @AfterEach
  void stop() {
    apiServer.close();
  }

  @Test
  void doesNotWaitWhereAllIsThere() {
    var prerequisites = awaited(Set.of());

    assertThat(prerequisites.done()).succeedsWithin(Duration.ofSeconds(10));
  }

  @Test
  void waitsForTheDefinitionAndSaysHowToInstallIt() {
    apiServer.lacks(HasMetadata.getGroup(KvStore.class));
    var prerequisites = awaited(Set.of());

    assertMissing(
        prerequisites, "no definition of KvStore", "kubectl apply --server-side -k config");
    apiServer.lacks();
    assertThat(prerequisites.done()).succeedsWithin(Duration.ofSeconds(10));
    assertThat(prerequisites.of().waitingFor()).startsWith("All is there");
  }

  @Test
  void waitsForTheRightsAndSaysWhichOneIsMissing() {
    apiServer.refuseAlways("GET", CLAIMS, 403, failure("cannot list persistentvolumeclaims"));
    var prerequisites = awaited(Set.of());

    assertMissing(prerequisites, "config/rbac", "cannot list persistentvolumeclaims");
    apiServer.refuseNoLonger("GET", CLAIMS);
    assertThat(prerequisites.done()).succeedsWithin(Duration.ofSeconds(10));
  }

  @Test
  void needsRightsOnlyWhereItTendsStores() {
    apiServer.refuseAlways("GET", STORES, 403, failure("cannot list kvstores everywhere"));
    apiServer.refuseAlways("GET", SHOP, 403, failure("cannot list kvstores in shop"));
    var prerequisites = awaited(Set.of("shop"));

    assertMissing(prerequisites, "cannot list kvstores in shop");
    apiServer.refuseNoLonger("GET", SHOP);
    assertThat(prerequisites.done()).succeedsWithin(Duration.ofSeconds(10));
  }

  @Test
  void waitsForTheRightToTheLeaseWhereThereAreSeveralReplicas() {
    var client = apiServer.client();
    var lease =
        "/apis/coordination.k8s.io/v1/namespaces/%s/leases/kvs-operator"
            .formatted(client.getNamespace());
    apiServer.refuseAlways("GET", lease, 403, failure("cannot get leases"));
    try (var leadership = new Leadership(client, "one", () -> {})) {
      var prerequisites = awaited(Set.of(), Optional.of(leadership));

      assertMissing(prerequisites, "config/two-replicas", "cannot get leases");
      apiServer.refuseNoLonger("GET", lease);
      assertThat(prerequisites.done()).succeedsWithin(Duration.ofSeconds(10));
    }
  }

  private record Awaited(Prerequisites of, CompletableFuture<Void> done) {}

  private Awaited awaited(Set<String> namespaces) {
    return awaited(namespaces, Optional.empty());
  }

  private Awaited awaited(Set<String> namespaces, Optional<Leadership> leadership) {
    var prerequisites =
        new Prerequisites(apiServer.client(), namespaces, leadership, Duration.ofMillis(20));
    return new Awaited(
        prerequisites,
        CompletableFuture.runAsync(
            () -> {
              try {
                prerequisites.await();
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
            }));
  }

  private static void assertMissing(Awaited prerequisites, String... words) {
    await().untilAsserted(() -> assertThat(prerequisites.of().waitingFor()).contains(words));
    assertThat(prerequisites.done()).isNotDone();
  }

  private static Object failure(String message) {
    return new StatusBuilder().withStatus("Failure").withMessage(message).build();
  }
}
