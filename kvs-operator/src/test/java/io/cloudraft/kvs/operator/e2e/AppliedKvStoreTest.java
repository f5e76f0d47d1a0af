package io.cloudraft.kvs.operator.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.core.type.TypeReference;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

@Tag("e2e")
@Execution(ExecutionMode.CONCURRENT)
class AppliedKvStoreTest {
  @RegisterExtension static final TestNamespace namespace = new TestNamespace("kvs-e2e-applied");
  @RegisterExtension static final TestNamespace going = new TestNamespace("kvs-e2e-going");

  @Test
  void answersThroughItsIngress() {
    namespace.apply("answers", "{}");
    StoreClient store = namespace.untilReady("answers");

    assertThat(store.get("/get/abc-1").statusCode()).isEqualTo(404);
    for (String key : new String[] {"abc-1", "abc-2", "xyz-1", "xyz-2"}) {
      HttpResponse<String> set = store.set(key, "value of " + key);
      assertThat(set.statusCode()).isEqualTo(200);
      assertThat(set.body()).isEmpty();
    }

    assertThat(store.get("/get/abc-1").body()).isEqualTo("value of abc-1");
    assertThat(store.get("/search?prefix=abc").body()).isEqualTo("[\"abc-1\",\"abc-2\"]");
    assertThat(store.get("/search?suffix=-1").body()).isEqualTo("[\"abc-1\",\"xyz-1\"]");
    assertThat(store.get("/metrics").body()).contains("\nkvs_keys 4.0\n");
  }

  @Test
  void namesItsUrlAndAgeToPeopleWhoListIt() {
    namespace.apply("listed", "{}");
    namespace.untilReady("listed");

    String listed = Command.kubectl("get", "kvstore", "listed", "-n", namespace.name());

    assertThat(listed.lines().findFirst().orElseThrow().split("\\s+"))
        .containsSequence("READY", "URL")
        .contains("AGE");
    assertThat(listed).contains("True", "http://listed.kvs-e2e-applied.kvs.localhost");
  }

  /** With this mode the JVM ends where it would otherwise only start slowly. */
  @Test
  void startsFromTheAotCacheOfItsImage() {
    namespace.apply(
        "trained",
        "{podTemplate: {env: [{name: JAVA_TOOL_OPTIONS, value: '-XX:AOTMode=on'}]}, resources: {limits: {memory: 384Mi}}}");

    namespace.untilReady("trained");
  }

  @Test
  void runsWithoutPrivileges() {
    namespace.apply("modest", "{}");
    namespace.untilReady("modest");

    // The namespace enforces Pod Security "restricted", so the pod's being there says most of it;
    // this is the rest.
    Pod pod = namespace.pod("modest");
    assertThat(pod.getSpec().getAutomountServiceAccountToken()).isFalse();
    assertThat(
            pod.getSpec()
                .getContainers()
                .getFirst()
                .getSecurityContext()
                .getReadOnlyRootFilesystem())
        .isTrue();
    assertThat(pod.getSpec().getVolumes()).noneMatch(volume -> volume.getProjected() != null);
  }

  @Test
  void followsAChangeOfItsSpec() {
    namespace.apply("changed", "{limits: {maxValueBytes: 5}}");
    StoreClient before = namespace.untilReady("changed");
    assertThat(before.set("kept", "12345").statusCode()).isEqualTo(200);
    HttpResponse<String> refused = before.set("large", "123456");
    assertThat(refused.statusCode()).isEqualTo(413);
    assertThat(refused.body()).contains("5", "KVS_MAX_VALUE_BYTES");

    namespace.apply(
        "changed", "{limits: {maxValueBytes: 6}, ingress: {host: renamed.kvs.localhost}}");
    StoreClient after = namespace.untilReady("changed");

    assertThat(namespace.kvStore("changed").require().<String>get("status", "url"))
        .isEqualTo("http://renamed.kvs.localhost");
    await()
        .atMost(TestNamespace.SECONDS)
        .untilAsserted(() -> assertThat(after.set("large", "123456").statusCode()).isEqualTo(200));
    assertThat(after.get("/get/kept").body()).isEqualTo("12345");
  }

  @Test
  void scalesToZeroAndBackWithItsKeys() {
    namespace.apply("paused", "{}");
    namespace.untilReady("paused").set("kept", "here");

    Command.kubectl("scale", "kvstore/paused", "--replicas=0", "-n", namespace.name());
    await()
        .atMost(TestNamespace.UNTIL_READY)
        .untilAsserted(
            () ->
                assertThat(TestNamespace.condition(namespace.kvStore("paused").require(), "Ready"))
                    .containsEntry("status", "False")
                    .containsEntry("reason", "ScaledToZero"));
    assertThat(
            namespace
                .client()
                .pods()
                .inNamespace(namespace.name())
                .withLabel("kvs.cloudraft.io/store", "paused")
                .list()
                .getItems())
        .allMatch(pod -> pod.getMetadata().getDeletionTimestamp() != null);

    Command.kubectl("scale", "kvstore/paused", "--replicas=1", "-n", namespace.name());
    assertThat(namespace.untilReady("paused").get("/get/kept").body()).isEqualTo("here");
  }

  @Test
  void refusesASecondReplicaWithASentence() {
    assertThatThrownBy(() -> namespace.apply("two", "{replicas: 2}"))
        .isInstanceOf(KubernetesClientException.class)
        .hasMessageContaining("replicas")
        .hasMessageContaining("one volume");
  }

  @Test
  void keepsItsClaimWhenDeletedAndTakesItUpAgain() {
    namespace.apply("retained", "{}");
    namespace.untilReady("retained").set("kept", "here");
    String claim = claimOf("retained").getMetadata().getUid();

    namespace.kvStore("retained").delete();
    await()
        .atMost(TestNamespace.UNTIL_READY)
        .until(
            () ->
                namespace
                        .client()
                        .apps()
                        .deployments()
                        .inNamespace(namespace.name())
                        .withName("retained")
                        .get()
                    == null);

    namespace.apply("retained", "{}");
    assertThat(namespace.untilReady("retained").get("/get/kept").body()).isEqualTo("here");
    assertThat(claimOf("retained").getMetadata().getUid()).isEqualTo(claim);
  }

  @Test
  void leavesNothingBehindWhenToldToDelete() {
    namespace.apply("gone", "{storage: {deletionPolicy: Delete}}");
    namespace.untilReady("gone");

    namespace.kvStore("gone").delete();

    await()
        .atMost(TestNamespace.UNTIL_READY)
        .untilAsserted(
            () -> assertThat(Children.of(namespace, "gone").map(HasMetadata::getKind)).isEmpty());
  }

  /** Where no operator is there any longer: see {@link HardTimesTest}. */
  @Test
  void goesWithItsNamespace() {
    going.apply("one", "{}");
    going.apply("two", "{replicas: 0, storage: {deletionPolicy: Delete}}");
    going.untilReady("one");
    going.untilStopped("two");

    going.delete();
  }

  @Test
  void saysWhatIsInTheWayAndLeavesItAlone() {
    Command.kubectl("create", "configmap", "owner", "-n", namespace.name());
    String owner =
        Command.kubectl(
            "get", "configmap", "owner", "-n", namespace.name(), "-o", "jsonpath={.metadata.uid}");
    List<HasMetadata> strangers =
        Serialization.unmarshal(
            STRANGERS.replace("OWNER_UID", owner), new TypeReference<List<HasMetadata>>() {});
    strangers.forEach(
        stranger -> {
          stranger.getMetadata().setNamespace(namespace.name());
          namespace.live(stranger).create();
        });
    List<String> before = strangers.stream().map(AppliedKvStoreTest::uidAndLabels).toList();
    namespace.apply("taken", "{replicas: 0, networkPolicy: {from: [{podSelector: {}}]}}");

    await()
        .atMost(TestNamespace.SECONDS)
        .untilAsserted(
            () ->
                assertThat(TestNamespace.condition(namespace.kvStore("taken").require(), "Stalled"))
                    .containsEntry("status", "True")
                    .containsEntry("reason", "NameTaken")
                    .extractingByKey("message")
                    .asString()
                    .contains(
                        strangers.stream()
                            .map(each -> each.getKind() + " " + each.getMetadata().getName())
                            .toList()));
    assertThat(strangers.stream().map(AppliedKvStoreTest::uidAndLabels).toList()).isEqualTo(before);

    strangers.forEach(stranger -> namespace.live(stranger).delete());
    namespace.untilStopped("taken");
  }

  @Test
  void removesWhatItNoLongerAsksFor() {
    namespace.apply("less", "{replicas: 0, networkPolicy: {from: [{podSelector: {}}]}}");
    namespace.untilStopped("less");
    assertThat(Children.of(namespace, "less"))
        .extracting(HasMetadata::getKind)
        .contains("Ingress", "NetworkPolicy");

    namespace.apply("less", "{replicas: 0, ingress: {enabled: false}}");

    await()
        .atMost(TestNamespace.SECONDS)
        .untilAsserted(
            () ->
                assertThat(Children.of(namespace, "less"))
                    .extracting(HasMetadata::getKind)
                    .doesNotContain("Ingress", "NetworkPolicy"));
  }

  private static String uidAndLabels(HasMetadata stranger) {
    HasMetadata live = namespace.live(stranger).require();
    return live.getMetadata().getUid() + live.getMetadata().getLabels();
  }

  private static PersistentVolumeClaim claimOf(String store) {
    return namespace
        .client()
        .persistentVolumeClaims()
        .inNamespace(namespace.name())
        .withLabel("kvs.cloudraft.io/store", store)
        .list()
        .getItems()
        .getFirst();
  }

  /** One of each kind that a KvStore becomes, by other hands. */
  private static final String STRANGERS =
      """
      - {apiVersion: v1, kind: ServiceAccount, metadata: {name: taken}}
      - {apiVersion: v1, kind: Service, metadata: {name: taken}, spec: {ports: [{port: 80}]}}
      - apiVersion: v1
        kind: PersistentVolumeClaim
        metadata:
          name: taken-data
          ownerReferences: [{apiVersion: v1, kind: ConfigMap, name: owner, uid: OWNER_UID}]
        spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
      - apiVersion: apps/v1
        kind: Deployment
        metadata: {name: taken}
        spec:
          replicas: 0
          selector: {matchLabels: {app: other}}
          template: {metadata: {labels: {app: other}}, spec: {containers: [{name: other, image: other}]}}
      - apiVersion: networking.k8s.io/v1
        kind: Ingress
        metadata: {name: taken}
        spec: {defaultBackend: {service: {name: other, port: {number: 80}}}}
      - {apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: taken}, spec: {podSelector: {}}}
      """;
}
