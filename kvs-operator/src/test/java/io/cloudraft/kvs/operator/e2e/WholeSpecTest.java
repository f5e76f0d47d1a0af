package io.cloudraft.kvs.operator.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscalerCondition;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What the fields and annotations of a KvStore come to on a cluster. */
@Tag("e2e")
class WholeSpecTest {
  @RegisterExtension static final TestNamespace namespace = new TestNamespace("kvs-e2e-spec");

  private static final String FULL =
      """
      {
        imagePullSecrets: [{name: registry}],
        limits: {maxKeyBytes: 9, maxWatches: 0}, history: {size: 1Mi, seconds: 60}, backup: {claimName: backups},
        resources: {requests: {cpu: 50m, memory: 300Mi}, limits: {cpu: 2, memory: 384Mi}},
        service: {type: NodePort, annotations: {example.com/mesh: inside}},
        ingress: {className: CLASS, host: whole.example.com, annotations: {example.com/team: shop}},
        networkPolicy: {from: [{podSelector: {}}, {ipBlock: {cidr: 0.0.0.0/0}}]},
        podTemplate: {
          labels: {team: shop}, annotations: {example.com/note: kept}, env: [{name: JAVA_TOOL_OPTIONS, value: -Dseen=1}],
          securityContext: {supplementalGroups: [2000]},
          nodeSelector: {kubernetes.io/os: linux}, tolerations: [{key: dedicated, operator: Exists}],
          topologySpreadConstraints: [{maxSkew: 1, topologyKey: kubernetes.io/hostname, whenUnsatisfiable: ScheduleAnyway}],
          affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution:
            {nodeSelectorTerms: [{matchExpressions: [{key: kubernetes.io/os, operator: In, values: [linux]}]}]}}}
        }
      }
      """;

  @Test
  void everyFieldIsAtWork() {
    Command.kubectl("create", "-n", namespace.name(), "secret", "generic", "registry");
    namespace.live(claim("backups")).create();
    String ingressClass =
        namespace.client().network().v1().ingressClasses().list().getItems().stream()
            .findFirst()
            .orElseThrow()
            .getMetadata()
            .getName();
    namespace.apply("whole", FULL.replace("CLASS", ingressClass));
    StoreClient store = namespace.untilReady("whole");

    assertThat(store.set("123456789", "x").statusCode()).isEqualTo(200);
    assertThat(store.set("1234567890", "x").statusCode()).isEqualTo(400);
    assertThat(store.get("/v1/watch").statusCode()).isEqualTo(429);
    assertThat(
            Command.kubectl(
                "exec",
                "-n",
                namespace.name(),
                "deploy/whole",
                "--",
                "java",
                "@/app/kvs",
                "backup",
                "create"))
        .contains("was made");
    Pod pod = namespace.pod("whole");
    Container container = pod.getSpec().getContainers().getFirst();
    assertThat(
            container.getEnv().stream()
                .collect(Collectors.toMap(EnvVar::getName, EnvVar::getValue)))
        .containsEntry("KVS_HISTORY_BYTES", "1048576")
        .containsEntry("KVS_HISTORY_SECONDS", "60")
        .containsEntry("KVS_BACKUP_DIRECTORY", "/backups")
        .containsEntry("JAVA_TOOL_OPTIONS", "-Dseen=1");
    assertThat(container.getResources().getLimits()).containsOnlyKeys("cpu", "memory");
    assertThat(mostHeap(store))
        .as("the JVM is sized from its limit, 384Mi")
        .isBetween(0.35 * (384 << 20), 0.45 * (384 << 20));
    assertThat(pod.getSpec().getImagePullSecrets())
        .singleElement()
        .satisfies(secret -> assertThat(secret.getName()).isEqualTo("registry"));
    assertThat(pod.getSpec().getSecurityContext().getSupplementalGroups()).containsExactly(2000L);
    assertThat(pod.getSpec().getSecurityContext().getRunAsNonRoot()).isTrue();
    assertThat(pod.getMetadata().getLabels()).containsEntry("team", "shop");
    assertThat(pod.getMetadata().getAnnotations()).containsEntry("example.com/note", "kept");
    assertThat(service().getSpec().getType()).isEqualTo("NodePort");
    assertThat(service().getMetadata().getAnnotations())
        .containsEntry("example.com/mesh", "inside");
    assertThat(ingress().require().getSpec().getIngressClassName()).isEqualTo(ingressClass);
    assertThat(ingress().require().getMetadata().getAnnotations())
        .containsEntry("example.com/team", "shop");
    assertThat(policy().require().getSpec().getIngress().getFirst().getFrom()).hasSize(2);

    namespace.apply("whole", "{ingress: {enabled: false}}");
    await("what is asked for no longer to go")
        .atMost(TestNamespace.SECONDS)
        .untilAsserted(
            () -> {
              assertThat(ingress().get()).isNull();
              assertThat(policy().get()).isNull();
              assertThat(service().getSpec().getType()).isEqualTo("ClusterIP");
              assertThat(service().getMetadata().getAnnotations())
                  .doesNotContainKey("example.com/mesh");
              assertThat(namespace.kvStore("whole").require().<String>get("status", "url"))
                  .isEqualTo("http://whole.kvs-e2e-spec.svc:8000");
            });
    namespace.untilSays("whole", "Ready", "Available");
    assertThat(namespace.pod("whole").getMetadata().getLabels()).doesNotContainKey("team");
  }

  /** The annotation is that of the controller of our own cluster. */
  @Test
  void answersBelowAPathThatItsControllerTakesAway() {
    assumeThat(namespace.client().network().v1().ingressClasses().withName("skipper").get())
        .as("the controller of this cluster knows another annotation")
        .isNotNull();
    namespace.apply(
        "below",
        "{ingress: {path: /shop/store, annotations: {zalando.org/skipper-filter: 'modPath(\"^/shop/store\", \"\")'}}}");
    namespace.untilSays("below", "Ready", "Available", "kvs.localhost/shop/store.");

    assertThat(namespace.untilReady("below").get("/search").body()).isEqualTo("[]");
  }

  @Test
  void isPausedAndRestartedByAnAnnotation() {
    namespace.apply("annotated", "{}");
    namespace.untilReady("annotated");
    String first = namespace.pod("annotated").getMetadata().getUid();

    annotate("annotated", "kvs.cloudraft.io/restart=once");
    await()
        .atMost(TestNamespace.UNTIL_READY)
        .ignoreExceptions()
        .until(() -> !namespace.pod("annotated").getMetadata().getUid().equals(first));
    namespace.untilReady("annotated");
    String second = namespace.pod("annotated").getMetadata().getUid();

    annotate("annotated", "kvs.cloudraft.io/paused=true");
    namespace.untilSays("annotated", "Ready", "Paused", "http://annotated.");
    long generation = deployment("annotated").getMetadata().getGeneration();
    namespace.apply("annotated", "{limits: {maxKeyBytes: 9}}");
    await()
        .atMost(TestNamespace.SECONDS)
        .untilAsserted(
            () ->
                assertThat(
                        TestNamespace.condition(namespace.kvStore("annotated").require(), "Ready"))
                    .containsEntry("status", "False")
                    .containsEntry("reason", "Paused"));
    assertThat(deployment("annotated").getMetadata().getGeneration()).isEqualTo(generation);
    assertThat(namespace.pod("annotated").getMetadata().getUid()).isEqualTo(second);

    annotate("annotated", "kvs.cloudraft.io/paused-");
    assertThat(namespace.untilReady("annotated").set("1234567890", "x").statusCode())
        .isEqualTo(400);
  }

  /** Somebody else's part of the same pods, as the API server merges it. */
  @Test
  void keepsASidecarThatSomebodyElseApplied() {
    namespace.apply("shared", "{}");
    namespace.untilReady("shared");
    Deployment sidecar =
        Serialization.unmarshal(
            """
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: shared, namespace: %s}
            spec:
              template:
                metadata: {annotations: {example.com/injected: "yes"}}
                spec:
                  terminationGracePeriodSeconds: 5
                  containers:
                    - name: side
                      image: %s
                      command: [sh, -c, "sleep 3600"]
                      securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
            """
                .formatted(namespace.name(), Environment.busyboxImage()),
            Deployment.class);
    sidecar.getSpec().setSelector(deployment("shared").getSpec().getSelector());
    namespace.live(sidecar).fieldManager("mesh").serverSideApply();
    namespace.untilReady("shared");

    namespace.apply("shared", "{limits: {maxKeyBytes: 9}}");
    StoreClient store = namespace.untilReady("shared");

    assertThat(store.set("1234567890", "x").statusCode()).isEqualTo(400);
    Pod pod = namespace.pod("shared");
    assertThat(pod.getSpec().getContainers())
        .extracting(Container::getName)
        .containsExactlyInAnyOrder("store", "side");
    assertThat(pod.getSpec().getTerminationGracePeriodSeconds()).isEqualTo(5);
    assertThat(pod.getMetadata().getAnnotations()).containsEntry("example.com/injected", "yes");
  }

  /** There is no metrics server here, so it finds out how many there are and leaves it at that. */
  @Test
  void isScaledByAnAutoscalerAndItsSpecIsNeverWritten() {
    namespace.apply("scaled", "null");
    namespace.untilReady("scaled");
    HorizontalPodAutoscaler autoscaler =
        Serialization.unmarshal(
            """
            apiVersion: autoscaling/v2
            kind: HorizontalPodAutoscaler
            metadata: {name: scaled, namespace: %s}
            spec:
              scaleTargetRef: {apiVersion: kvs.cloudraft.io/v1, kind: KvStore, name: scaled}
              maxReplicas: 1
              metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 80}}}]
            """
                .formatted(namespace.name()),
            HorizontalPodAutoscaler.class);
    namespace.live(autoscaler).create();
    await("the autoscaler to find out")
        .atMost(TestNamespace.UNTIL_READY)
        .untilAsserted(
            () -> {
              HorizontalPodAutoscaler found = namespace.live(autoscaler).require();
              assertThat(found.getStatus().getCurrentReplicas()).isEqualTo(1);
              assertThat(found.getStatus().getConditions())
                  .filteredOn(condition -> condition.getType().equals("AbleToScale"))
                  .extracting(HorizontalPodAutoscalerCondition::getStatus)
                  .containsExactly("True");
            });

    Command.kubectl("scale", "kvstore/scaled", "--replicas=0", "-n", namespace.name());
    await()
        .atMost(TestNamespace.UNTIL_READY)
        .untilAsserted(
            () ->
                assertThat(TestNamespace.condition(namespace.kvStore("scaled").require(), "Ready"))
                    .containsEntry("reason", "ScaledToZero"));
    assertThat(namespace.kvStore("scaled").require().<Integer>get("spec", "replicas")).isZero();
    assertThat(namespace.kvStore("scaled").require().getMetadata().getManagedFields())
        .filteredOn(fields -> fields.getManager().equals("kvs-operator"))
        .isNotEmpty()
        .allSatisfy(
            fields -> {
              assertThat(fields.getSubresource()).isEqualTo("status");
              assertThat(fields.getFieldsV1().getAdditionalProperties())
                  .containsOnlyKeys("f:status");
            });
  }

  /** In bytes, as the store tells itself. */
  private static double mostHeap(StoreClient store) {
    return store
        .get("/metrics")
        .body()
        .lines()
        .filter(line -> line.startsWith("jvm_memory_max_bytes{") && line.contains("\"heap\""))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  private static void annotate(String store, String annotation) {
    Command.kubectl(
        "annotate", "--overwrite", "kvstore", store, annotation, "-n", namespace.name());
  }

  private static Deployment deployment(String store) {
    return namespace
        .client()
        .apps()
        .deployments()
        .inNamespace(namespace.name())
        .withName(store)
        .require();
  }

  private static Service service() {
    return namespace.client().services().inNamespace(namespace.name()).withName("whole").require();
  }

  private static Resource<Ingress> ingress() {
    return namespace
        .client()
        .network()
        .v1()
        .ingresses()
        .inNamespace(namespace.name())
        .withName("whole");
  }

  private static Resource<NetworkPolicy> policy() {
    return namespace
        .client()
        .network()
        .v1()
        .networkPolicies()
        .inNamespace(namespace.name())
        .withName("whole");
  }

  private static PersistentVolumeClaim claim(String name) {
    return new PersistentVolumeClaimBuilder()
        .withNewMetadata()
        .withName(name)
        .withNamespace(namespace.name())
        .endMetadata()
        .withNewSpec()
        .withAccessModes("ReadWriteOnce")
        .withNewResources()
        .withRequests(Map.of("storage", new Quantity("64Mi")))
        .endResources()
        .endSpec()
        .build();
  }
}
