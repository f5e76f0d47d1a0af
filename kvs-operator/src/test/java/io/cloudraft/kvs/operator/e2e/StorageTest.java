package io.cloudraft.kvs.operator.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import io.fabric8.kubernetes.api.model.storage.StorageClass;
import io.fabric8.kubernetes.api.model.storage.StorageClassBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What becomes of a claim; the volumes of the cluster's default class cannot grow. */
@Tag("e2e")
class StorageTest {
  @RegisterExtension static final TestNamespace namespace = new TestNamespace("kvs-e2e-storage");

  private static final String GROWING = "kvs-e2e-says-it-grows";

  @Test
  void goesOnWithAVolumeThatCannotGrow() {
    namespace.apply("fixed", "{}");
    StoreClient store = namespace.untilReady("fixed");
    store.set("kept", "here");
    String pod = namespace.pod("fixed").getMetadata().getUid();

    namespace.apply("fixed", "{storage: {size: 2Gi}}");
    namespace.untilSays(
        "fixed",
        "Stalled",
        "Refused",
        "PersistentVolumeClaim fixed-data",
        "storageclass that provisions the pvc must support resize",
        "set spec.storage to what the claim says");
    assertThat(store.get("/get/kept").body()).isEqualTo("here");
    assertThat(namespace.kvStore("fixed").require().<String>get("status", "storage"))
        .isEqualTo("1Gi");

    namespace.apply("fixed", "{storage: {size: 1Gi}}");
    namespace.untilReady("fixed");
    assertThat(namespace.pod("fixed").getMetadata().getUid()).isEqualTo(pod);
  }

  /**
   * A class of which the same provisioner makes volumes and nothing resizes them: the claim takes
   * the change, and the volume stays as it is until the test says otherwise in its resizer's place.
   */
  @Test
  void tellsHowAVolumeGrowsWhileTheStoreAnswers() {
    StorageClass growing = aClassThatSaysItGrows();
    namespace.live(growing).createOr(existing -> existing.update());
    try {
      String spec = "{storage: {size: %s, storageClassName: " + GROWING + "}}";
      namespace.apply("growing", spec.formatted("1Gi"));
      StoreClient store = namespace.untilReady("growing");
      store.set("kept", "here");
      String pod = namespace.pod("growing").getMetadata().getUid();

      namespace.apply("growing", spec.formatted("2Gi"));
      namespace.untilSays(
          "growing", "Reconciling", "Resizing", "from 1Gi to 2Gi", "http://growing.");
      assertThat(TestNamespace.condition(namespace.kvStore("growing").require(), "Ready"))
          .containsEntry("status", "True");
      assertThat(namespace.kvStore("growing").require().<String>get("status", "storage"))
          .isEqualTo("1Gi");
      assertThat(store.get("/get/kept").body()).isEqualTo("here");

      claimsStatus("{\"allocatedResourceStatuses\":{\"storage\":\"ControllerResizeInfeasible\"}}");
      namespace.untilSays("growing", "Stalled", "ResizeFailed", "from 1Gi to 2Gi");
      claimsStatus("{\"allocatedResourceStatuses\":null,\"capacity\":{\"storage\":\"2Gi\"}}");
      namespace.untilSays("growing", "Ready", "Available");
      assertThat(namespace.kvStore("growing").require().<String>get("status", "storage"))
          .isEqualTo("2Gi");
      assertThat(namespace.events("growing"))
          .extracting(Event::getReason)
          .containsSubsequence("Available", "Resizing", "ResizeFailed", "Available");
      assertThatThrownBy(() -> namespace.apply("growing", spec.formatted("1Gi")))
          .isInstanceOf(KubernetesClientException.class)
          .hasMessageContaining("must not be less than the 2Gi");
      assertThat(namespace.pod("growing").getMetadata().getUid()).isEqualTo(pod);

      deletionPolicyMayChangeAtAnyTime(spec.formatted("2Gi"));
      aStoreThatAsksForAnotherVolumeSaysSo();
      namespace.apply("growing", spec.formatted("2Gi"));
      assertThat(namespace.untilReady("growing").get("/get/kept").body()).isEqualTo("here");
    } finally {
      namespace.live(growing).delete();
    }
  }

  private static void deletionPolicyMayChangeAtAnyTime(String spec) {
    namespace.apply("growing", spec.replace("size:", "deletionPolicy: Delete, size:"));
    await()
        .atMost(TestNamespace.SECONDS)
        .untilAsserted(
            () ->
                assertThat(claim().require().getMetadata().getOwnerReferences())
                    .singleElement()
                    .satisfies(owner -> assertThat(owner.getKind()).isEqualTo("KvStore")));
    namespace.apply("growing", spec);
    await()
        .atMost(TestNamespace.SECONDS)
        .until(() -> claim().require().getMetadata().getOwnerReferences().isEmpty());
  }

  /** Than that of the claim that a deleted store has left: another class, and a smaller one. */
  private static void aStoreThatAsksForAnotherVolumeSaysSo() {
    namespace.kvStore("growing").delete();
    await()
        .atMost(TestNamespace.UNTIL_READY)
        .until(() -> namespace.kvStore("growing").get() == null);
    String[] said = {"growing-data", "set spec.storage to what the claim says"};
    namespace.apply("growing", "{storage: {storageClassName: none-such}}");
    namespace.untilSays("growing", "Stalled", "Refused", said[0], "immutable", said[1]);
    assertThatThrownBy(() -> namespace.apply("growing", "{storage: {storageClassName: nor-such}}"))
        .isInstanceOf(KubernetesClientException.class)
        .hasMessageContaining("storageClassName cannot change while the claim growing-data");
    namespace.apply("growing", "{storage: {storageClassName: " + GROWING + "}}");
    namespace.untilSays("growing", "Stalled", "Refused", said[0], "less than", said[1]);
  }

  private static Resource<PersistentVolumeClaim> claim() {
    return namespace
        .client()
        .persistentVolumeClaims()
        .inNamespace(namespace.name())
        .withName("growing-data");
  }

  private static void claimsStatus(String status) {
    namespace.patchStatus("persistentvolumeclaim", "growing-data", "{\"status\":" + status + "}");
  }

  private static StorageClass aClassThatSaysItGrows() {
    StorageClass standard =
        namespace.client().storage().v1().storageClasses().list().getItems().stream()
            .filter(
                found ->
                    "true"
                        .equals(
                            found
                                .getMetadata()
                                .getAnnotations()
                                .get("storageclass.kubernetes.io/is-default-class")))
            .findFirst()
            .orElseThrow();
    return new StorageClassBuilder(standard)
        .withNewMetadata()
        .withName(GROWING)
        .addToAnnotations("defaultVolumeType", "local")
        .endMetadata()
        .withAllowVolumeExpansion(true)
        .build();
  }
}
