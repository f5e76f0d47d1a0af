package io.cloudraft.kvs.operator.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.api.parallel.ResourceAccessMode;
import org.junit.jupiter.api.parallel.ResourceLock;

/** What is as it should be is not written again. A restart: see {@link OperatorEnduresTest}. */
@Tag("e2e")
@Execution(ExecutionMode.CONCURRENT)
@ResourceLock(value = TestNamespace.KINDS_OF_THE_CLUSTER, mode = ResourceAccessMode.READ)
class QuietTest {
  @RegisterExtension static final TestNamespace namespace = new TestNamespace("kvs-e2e-quiet");
  @RegisterExtension static final TestNamespace meddled = new TestNamespace("kvs-e2e-meddled");

  private static final Duration A_MINUTE = Duration.ofMinutes(1);
  private static final Path MEDDLER = Path.of("target/meddler.yaml");

  /** The audit log itself is seen to show the writes before, or the rest would prove nothing. */
  @Test
  void writesNothingOnceConverged() {
    Instant start = Instant.now();
    namespace.apply("plain", "{}");
    List<String> stores = new ArrayList<>(OddQuantities.applyTo(namespace));
    stores.add("plain");
    namespace.untilReady("plain");
    if (Environment.auditLog().isPresent()) {
      assertThat(AuditLog.operatorWrites(start, namespace))
          .anyMatch(write -> write.contains("deployments/plain"))
          .anyMatch(write -> write.contains("persistentvolumeclaims/odd-0-data"));
    }

    assertWritesNothingForAMinute(namespace, stores);
  }

  /**
   * As a mesh does, or a policy engine: whatever the operator writes, the API server stores it with
   * more in it.
   */
  @Test
  void leavesInPeaceWhatAThirdPartyAddsToEachWrite() throws Exception {
    assumeThat(
            namespace
                .client()
                .supports("admissionregistration.k8s.io/v1beta1", "MutatingAdmissionPolicy"))
        .as("this API server has no MutatingAdmissionPolicy")
        .isTrue();
    Files.writeString(MEDDLER, MEDDLING.replace("BUSYBOX", Environment.busyboxImage()));
    Command.kubectl("apply", "-f", MEDDLER.toString());
    try {
      await("the meddler to be at work")
          .atMost(TestNamespace.SECONDS)
          .until(
              () ->
                  Command.kubectl(
                          "create",
                          "service",
                          "clusterip",
                          "x",
                          "--tcp=80",
                          "--dry-run=server",
                          "-o",
                          "yaml",
                          "-n",
                          meddled.name())
                      .contains("example.com/meddler"));
      meddled.apply("meddled", "{}");
      meddled.untilReady("meddled");
      assertThat(meddled.pod("meddled").getSpec().getContainers())
          .extracting(Container::getName)
          .contains("store", "meddler");
      meddled.apply("meddled", "{limits: {maxValueBytes: 7}}");
      meddled.untilReady("meddled");
      assertThat(Children.of(meddled, "meddled"))
          .allSatisfy(
              child ->
                  assertThat(child.getMetadata().getAnnotations())
                      .containsKey("example.com/meddler"));

      assertWritesNothingForAMinute(meddled, List.of("meddled"));
    } finally {
      Command.kubectl("delete", "-f", MEDDLER.toString());
    }
  }

  private static void assertWritesNothingForAMinute(TestNamespace namespace, List<String> stores) {
    Map<String, String> versions = versions(namespace, stores);
    Instant converged = Instant.now();
    // Not a wait for something to come, but for a minute in which nothing may.
    await().pollDelay(A_MINUTE).atMost(A_MINUTE.plusSeconds(10)).until(() -> true);

    assertThat(versions(namespace, stores)).isEqualTo(versions);
    assertThat(AuditLog.operatorWrites(converged, namespace)).isEmpty();
  }

  private static Map<String, String> versions(TestNamespace namespace, List<String> stores) {
    Map<String, String> versions = new TreeMap<>();
    stores.stream()
        .flatMap(
            store ->
                Stream.<HasMetadata>concat(
                    Children.of(namespace, store), Stream.of(namespace.kvStore(store).require())))
        .forEach(
            found ->
                versions.put(
                    found.getKind() + "/" + found.getMetadata().getName(),
                    found.getMetadata().getResourceVersion()));
    return versions;
  }

  private static final String MEDDLING =
      """
      apiVersion: admissionregistration.k8s.io/v1beta1
      kind: MutatingAdmissionPolicy
      metadata: {name: kvs-e2e-annotations}
      spec:
        failurePolicy: Fail
        reinvocationPolicy: IfNeeded
        matchConstraints:
          resourceRules:
            - apiGroups: ["", apps, networking.k8s.io]
              apiVersions: [v1]
              operations: [CREATE, UPDATE]
              resources: [deployments, services, ingresses, persistentvolumeclaims, serviceaccounts]
        mutations:
          - patchType: ApplyConfiguration
            applyConfiguration:
              expression: >-
                Object{metadata: Object.metadata{annotations: {"example.com/meddler": "was here"}}}
      ---
      apiVersion: admissionregistration.k8s.io/v1beta1
      kind: MutatingAdmissionPolicy
      metadata: {name: kvs-e2e-sidecar}
      spec:
        failurePolicy: Fail
        reinvocationPolicy: IfNeeded
        matchConstraints:
          resourceRules:
            - apiGroups: [apps]
              apiVersions: [v1]
              operations: [CREATE, UPDATE]
              resources: [deployments]
        matchConditions:
          - name: has-none-yet
            expression: "!object.spec.template.spec.containers.exists(container, container.name == 'meddler')"
        mutations:
          - patchType: JSONPatch
            jsonPatch:
              expression: >-
                [JSONPatch{op: "add", path: "/spec/template/spec/containers/-",
                  value: Object.spec.template.spec.containers{
                    name: "meddler",
                    image: "BUSYBOX",
                    command: ["sh", "-c", "while :; do sleep 3600; done"],
                    securityContext: Object.spec.template.spec.containers.securityContext{
                      allowPrivilegeEscalation: false,
                      capabilities: Object.spec.template.spec.containers.securityContext.capabilities{drop: ["ALL"]}
                    }
                  }
                }]
      ---
      apiVersion: admissionregistration.k8s.io/v1beta1
      kind: MutatingAdmissionPolicyBinding
      metadata: {name: kvs-e2e-annotations}
      spec:
        policyName: kvs-e2e-annotations
        matchResources: {namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kvs-e2e-meddled}}}
      ---
      apiVersion: admissionregistration.k8s.io/v1beta1
      kind: MutatingAdmissionPolicyBinding
      metadata: {name: kvs-e2e-sidecar}
      spec:
        policyName: kvs-e2e-sidecar
        matchResources: {namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kvs-e2e-meddled}}}
      """;
}
