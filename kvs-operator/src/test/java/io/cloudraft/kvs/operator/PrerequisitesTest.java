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
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PrerequisitesTest {
  private static final String STORES = "/apis/kvs.cloudraft.io/v1/kvstores";
  private static final String SHOP = "/apis/kvs.cloudraft.io/v1/namespaces/shop/kvstores";
  private static final String STAGING = "/apis/kvs.cloudraft.io/v1/namespaces/staging/kvstores";
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
  void beginsWithTheNamespacesThatThereAreRightsForAndTellsWhenThereAreMore() throws Exception {
    apiServer.refuseAlways("GET", SHOP, 403, failure("cannot list kvstores in shop"));
    var prerequisites = awaited(Set.of("shop", "staging"));

    assertThat(prerequisites.done()).succeedsWithin(Duration.ofSeconds(10));
    assertThat(prerequisites.done()).isCompletedWithValue(Set.of("staging"));
    var changes = new LinkedBlockingQueue<Set<String>>();
    prerequisites.namespaces().follow(Set.of("staging"), Duration.ofMillis(20), changes::add);
    apiServer.refuseNoLonger("GET", SHOP);
    assertThat(changes.poll(10, TimeUnit.SECONDS)).containsExactlyInAnyOrder("shop", "staging");
    apiServer.refuseAlways("GET", SHOP, 403, failure("cannot list kvstores in shop"));
    assertThat(changes.poll(10, TimeUnit.SECONDS)).containsExactly("staging");

    // None is given up because the API server cannot be asked just now.
    apiServer.refuseAlways("GET", STAGING, 418, failure("out of order"));
    apiServer.refuseNoLonger("GET", SHOP);
    assertThat(changes.poll(1, TimeUnit.SECONDS)).isNull();
    apiServer.refuseNoLonger("GET", STAGING);
    assertThat(changes.poll(10, TimeUnit.SECONDS)).containsExactlyInAnyOrder("shop", "staging");
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

  private record Awaited(
      Prerequisites of, GrantedNamespaces namespaces, CompletableFuture<Set<String>> done) {}

  private Awaited awaited(Set<String> namespaces) {
    return awaited(namespaces, Optional.empty());
  }

  private Awaited awaited(Set<String> namespaces, Optional<Leadership> leadership) {
    var granted = new GrantedNamespaces(apiServer.client(), namespaces);
    var prerequisites =
        new Prerequisites(apiServer.client(), granted, leadership, Duration.ofMillis(20));
    return new Awaited(
        prerequisites,
        granted,
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return prerequisites.await();
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
