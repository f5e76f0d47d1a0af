package io.cloudraft.kvs.operator.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBinding;
import io.fabric8.kubernetes.client.dsl.Resource;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Isolated;

/** What may happen to an operator, and that it goes on by itself afterwards. */
@Tag("e2e")
@Isolated("the one operator is stopped, and its definition removed")
class OperatorEnduresTest {
  @RegisterExtension static final TestNamespace namespace = new TestNamespace("kvs-e2e-endures");

  private static final Path DEFINITION = Path.of("../crds/kvstores.kvs.cloudraft.io-v1.yml");
  private static final Path RIGHTS = Path.of("../config/rbac/operator.yaml");

  private final OperatorPod operator = new OperatorPod(namespace.client());

  /** Each test leaves these as it found them, also one that fails. */
  @BeforeEach
  void isInstalledAndReady() {
    Command.kubectl("apply", "--server-side", "--force-conflicts", "-f", DEFINITION.toString());
    Command.kubectl("apply", "--server-side", "--force-conflicts", "-f", RIGHTS.toString());
    operator.scale(1);
    await("the operator").atMost(TestNamespace.UNTIL_READY).until(operator::isReady);
  }

  @Test
  void anApiServerThatIsKilled() {
    String crash =
        Environment.crashApiServer()
            .orElseThrow(
                () ->
                    new IllegalStateException("KVS_E2E_CRASH_API_SERVER is not set: run dev/e2e"));
    namespace.apply("outage", "{}");
    namespace.untilReady("outage");
    String pod = operator.get().getMetadata().getUid();
    int restarts = operator.container().getRestartCount();
    Instant start = Instant.now();

    Command.run("bash", "-c", crash);
    await("the API server")
        .atMost(TestNamespace.UNTIL_READY)
        .ignoreExceptions()
        .until(() -> namespace.client().raw("/readyz").equals("ok"));

    Command.kubectl("delete", "service", "outage", "-n", namespace.name());
    namespace.apply("outage", "{ingress: {host: after.kvs.localhost}}");
    // A watch that could not be had is tried for again after half a minute at most.
    await("its Service")
        .atMost(Duration.ofMinutes(1))
        .until(
            () ->
                namespace.client().services().inNamespace(namespace.name()).withName("outage").get()
                    != null);
    // The rest of the cluster has its own outage to recover from, so it is not asked for the
    // answer.
    await("its status")
        .atMost(TestNamespace.SECONDS)
        .untilAsserted(
            () -> {
              GenericKubernetesResource store = namespace.kvStore("outage").require();
              assertThat(store.<String>get("status", "url"))
                  .isEqualTo("http://after.kvs.localhost");
              assertThat(store.<Integer>get("status", "observedGeneration"))
                  .isEqualTo(store.getMetadata().getGeneration().intValue());
            });
    assertThat(operator.get().getMetadata().getUid()).isEqualTo(pod);
    assertThat(operator.container().getRestartCount()).isEqualTo(restarts);
    assertSaysNothingTwiceInARow(start);
    namespace.kvStore("outage").delete();
  }

  @Test
  void beingToldToStopAndHasNothingToWriteAfterwards() {
    namespace.apply("stopped", "{}");
    OddQuantities.applyTo(namespace);
    namespace.untilReady("stopped");
    int restarts = operator.container().getRestartCount();
    Instant told;
    try (ProcessKiller killer = new ProcessKiller(namespace.client())) {
      told = Instant.now();
      killer.send("TERM", operator.get(), "java");
      await()
          .atMost(TestNamespace.SECONDS)
          .until(() -> operator.container().getRestartCount() > restarts);
    }

    ContainerStateTerminated end = operator.container().getLastState().getTerminated();
    assertThat(end.getExitCode()).as(end.toString()).isZero();
    assertThat(Instant.parse(end.getFinishedAt())).isBefore(told.plusSeconds(10));
    await().atMost(TestNamespace.UNTIL_READY).until(operator::isReady);
    // Long enough to look at all stores again.
    await().pollDelay(Duration.ofSeconds(15)).atMost(TestNamespace.SECONDS).until(() -> true);
    assertThat(AuditLog.operatorWrites(told, namespace)).isEmpty();
    namespace.apply("stopped", "{limits: {maxValueBytes: 5}}");
    namespace.untilReady("stopped");
    if (Environment.auditLog().isPresent()) {
      assertThat(AuditLog.operatorWrites(told, namespace)).isNotEmpty();
    }
  }

  /** Also leaves the cluster without KvStores, as those go with their definition. */
  @Test
  void comingBeforeItsDefinitionAndItsRights() {
    operator.scale(0);
    Resource<CustomResourceDefinition> definition =
        namespace
            .client()
            .apiextensions()
            .v1()
            .customResourceDefinitions()
            .load(DEFINITION.toFile());
    definition.delete();
    namespace.client().resources(ClusterRoleBinding.class).withName(OperatorPod.NAME).delete();
    await().atMost(TestNamespace.UNTIL_READY).until(() -> definition.get() == null);
    Instant start = Instant.now();
    operator.scale(1);

    awaitLine(start, "no definition of KvStore");
    // Long enough for it to look several times.
    await().pollDelay(Duration.ofSeconds(10)).atMost(TestNamespace.SECONDS).until(() -> true);
    assertThat(operator.isReady()).isFalse();
    definition.create();
    awaitLine(start, "config/rbac");
    assertThat(operator.isReady()).isFalse();
    Command.kubectl("apply", "--server-side", "-f", RIGHTS.toString());

    await().atMost(TestNamespace.SECONDS).until(operator::isReady);
    namespace.apply("late", "{}");
    namespace.untilReady("late");
    assertThat(operator.container().getRestartCount()).isZero();
    assertSaysNothingTwiceInARow(start);
  }

  /** As an older definition may have let it through, or one that a person has loosened. */
  @Test
  void aKvStoreThatItCannotRead() {
    namespace.apply("sound", "{}");
    namespace.untilReady("sound");
    Instant start = Instant.now();
    loosen(
        namespace
            .client()
            .apiextensions()
            .v1()
            .customResourceDefinitions()
            .load(DEFINITION.toFile()));
    await("the loose definition")
        .atMost(TestNamespace.SECONDS)
        .ignoreExceptions()
        .untilAsserted(
            () ->
                namespace.apply(
                    "unreadable", "{limits: {maxValueBytes: many}, abacus: {beads: 7}}"));
    Command.kubectl("replace", "-f", DEFINITION.toString());

    assertGoesOn(7);
    awaitLine(start, "spec.limits.maxValueBytes is '\"many\"'");
    // What is said already is kept; what has to be said anew is another request.
    namespace.patchStatus("kvstore", "unreadable", "{\"status\":null}");
    operator.delete();
    await().atMost(TestNamespace.UNTIL_READY).until(operator::isReady);
    assertGoesOn(8);
    assertThat(operator.container().getRestartCount()).isZero();
    assertSaysNothingTwiceInARow(start);
    await()
        .atMost(TestNamespace.SECONDS)
        .untilAsserted(
            () ->
                assertThat(
                        TestNamespace.condition(
                            namespace.kvStore("unreadable").require(), "Stalled"))
                    .containsEntry("reason", "InvalidSpec")
                    .containsEntry("status", "True"));
    assertThat(Children.of(namespace, "unreadable")).isEmpty();

    // The API server does not take an apply to what its definition does not allow.
    namespace.patch("kvstore", "unreadable", "{\"spec\":{\"limits\":{\"maxValueBytes\":9}}}");
    namespace.untilReady("unreadable");
  }

  private void assertSaysNothingTwiceInARow(Instant start) {
    List<String> said = operator.saidSince(start);
    for (int line = 1; line < said.size(); line++) {
      assertThat(said.get(line)).isNotEqualTo(said.get(line - 1)).doesNotStartWith("\tat ");
    }
  }

  private static void assertGoesOn(int maxValueBytes) {
    namespace.apply("sound", "{limits: {maxValueBytes: %d}}".formatted(maxValueBytes));
    StoreClient store = namespace.untilReady("sound");
    assertThat(store.set("k", "x".repeat(maxValueBytes)).statusCode()).isEqualTo(200);
    assertThat(store.set("k", "x".repeat(maxValueBytes + 1)).statusCode()).isEqualTo(413);
  }

  private static void loosen(Resource<CustomResourceDefinition> definition) {
    definition.edit(
        live -> {
          JSONSchemaProps schema =
              live.getSpec().getVersions().getFirst().getSchema().getOpenAPIV3Schema();
          schema.setXKubernetesValidations(List.of());
          JSONSchemaProps anything = new JSONSchemaProps();
          anything.setType("object");
          anything.setXKubernetesPreserveUnknownFields(true);
          schema.getProperties().put("spec", anything);
          return live;
        });
  }

  private void awaitLine(Instant start, String words) {
    await("the operator to say: " + words)
        .atMost(TestNamespace.UNTIL_READY)
        .ignoreExceptions()
        .untilAsserted(
            () -> assertThat(operator.saidSince(start)).anyMatch(line -> line.contains(words)));
  }
}
