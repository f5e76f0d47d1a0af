package io.cloudraft.kvs.operator.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseSpec;
import io.fabric8.kubernetes.client.readiness.Readiness;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Isolated;

/** Two operators, as {@code config/two-replicas} installs them: one at work, one standing by. */
@Tag("e2e")
@Isolated("the one operator becomes two")
class TwoReplicasTest {
  @RegisterExtension static final TestNamespace namespace = new TestNamespace("kvs-e2e-replicas");

  private static final Path OVERLAY = Path.of("target/two-replicas");
  private static final OperatorPod operator = new OperatorPod(namespace.client());

  /** As in the Lease, which names no shorter one. */
  private static final Duration LEASE = Duration.ofSeconds(15);

  /** The one that stands by looks at the Lease every other second. */
  private static final Duration RETRY = Duration.ofSeconds(3);

  /** To end what is being done, to look, and to read all that is there. */
  private static final Duration AT_ONCE = Duration.ofSeconds(8);

  @BeforeAll
  static void areInstalled() throws IOException {
    Files.createDirectories(OVERLAY);
    Files.writeString(
        OVERLAY.resolve("kustomization.yaml"),
        """
        resources: [../../../config]
        components: [../../../config/two-replicas]
        """);
    Installation.of(OVERLAY.toString());
    Command.kubectl(
        "rollout", "status", "-n", OperatorPod.NAMESPACE, "deployment/" + OperatorPod.NAME);
  }

  /** Each test may have taken one away. */
  @BeforeEach
  void oneIsAtWorkAndTheOtherStandsBy() {
    await("two operators")
        .atMost(TestNamespace.UNTIL_READY)
        .ignoreExceptions()
        .until(() -> ready().size() == 2 && operator.all().size() == 2 && leader().isPresent());
  }

  @AfterAll
  static void isOneAgain() {
    Installation.clusterWide();
    Command.kubectl("delete", "-f", "../config/two-replicas/leases.yaml");
    Command.kubectl("delete", "lease", "kvs-operator", "-n", OperatorPod.NAMESPACE);
  }

  @Test
  void handsOverAtOnceWhenToldToStop() {
    Pod first = leader().orElseThrow();
    Instant told = Instant.now();
    namespace.client().resource(first).delete();

    Instant taken = untilTakenFrom(first);
    namespace.apply("handed-over", "{replicas: 0}");
    namespace.untilStopped("handed-over");
    assertThat(taken).isBefore(told.plus(AT_ONCE));
  }

  @Test
  void takesOverWithinTheLeaseWhenTheOtherIsKilled() {
    Pod first = leader().orElseThrow();
    try (ProcessKiller killer = new ProcessKiller(namespace.client())) {
      Instant killed = Instant.now();
      killer.kill(first, "java");
      Instant taken = untilTakenFrom(first);
      namespace.apply("taken-over", "{replicas: 0}");
      namespace.untilStopped("taken-over");
      assertThat(taken).isBefore(killed.plus(LEASE).plus(RETRY));
    }
  }

  /** Readiness is for rollouts and probes, not for who is at work; that is in the metrics. */
  @Test
  void bothAreReadyAndOneIsAtWork() {
    assertThat(ready())
        .extracting(pod -> leading(pod))
        .containsExactlyInAnyOrder("kvs_operator_leading 1.0", "kvs_operator_leading 0.0");
  }

  private static String leading(Pod pod) {
    String metrics =
        Command.kubectl(
            "get",
            "--raw",
            "/api/v1/namespaces/%s/pods/%s:8080/proxy/metrics"
                .formatted(OperatorPod.NAMESPACE, pod.getMetadata().getName()));
    return metrics
        .lines()
        .filter(line -> line.startsWith("kvs_operator_leading "))
        .findFirst()
        .orElseThrow();
  }

  private static List<Pod> ready() {
    return operator.all().stream().filter(Readiness::isPodReady).toList();
  }

  /** The pod that the Lease names, if it is one of those that are there. */
  private static Optional<Pod> leader() {
    String holder = String.valueOf(lease().getHolderIdentity());
    return operator.all().stream()
        .filter(pod -> holder.startsWith(pod.getMetadata().getName()))
        .findFirst();
  }

  /** When another one took the Lease. */
  private static Instant untilTakenFrom(Pod first) {
    String before = String.valueOf(lease().getHolderIdentity());
    assertThat(before).startsWith(first.getMetadata().getName());
    await("another to take the lease of " + before)
        .atMost(TestNamespace.UNTIL_READY)
        .until(
            () ->
                lease().getHolderIdentity() != null && !before.equals(lease().getHolderIdentity()));
    return lease().getAcquireTime().toInstant();
  }

  private static LeaseSpec lease() {
    return namespace
        .client()
        .leases()
        .inNamespace(OperatorPod.NAMESPACE)
        .withName("kvs-operator")
        .require()
        .getSpec();
  }
}
