package io.cloudraft.kvs.operator.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import io.fabric8.kubernetes.api.model.events.v1.EventBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ClaimTroubleTest {
  private static final Instant CREATED = Instant.parse("2030-01-01T00:00:00Z");

  @Test
  void isOverdueAfterAMinuteWithoutAVolume() {
    assertThat(ClaimTrouble.isOverdue(claim("Pending", "fast"), CREATED.plusSeconds(60))).isFalse();
    assertThat(ClaimTrouble.isOverdue(claim("Pending", "fast"), CREATED.plusSeconds(61))).isTrue();
    assertThat(ClaimTrouble.isOverdue(claim("Bound", "fast"), CREATED.plusSeconds(999))).isFalse();
  }

  @Test
  void namesTheClassAndWhatTheClusterSaid() {
    assertThat(
            ClaimTrouble.overdue(
                claim("Pending", "fast"), event("ProvisioningFailed", "no such class")))
        .map(Verdict::sentence)
        .contains("The claim demo-data gets no volume (storage class fast): no such class");
    assertThat(ClaimTrouble.overdue(claim("Pending", null), Optional.empty()))
        .map(Verdict::sentence)
        .contains(
            "The claim demo-data gets no volume (no storage class, and the cluster has no default one): see kubectl"
                + " describe persistentvolumeclaim -n shop demo-data");
  }

  /** It hid that there was no node for the pod. */
  @Test
  void isNoneOfAClaimThatWaitsForItsPod() {
    var claim = claim("Pending", "late");

    assertThat(ClaimTrouble.overdue(claim, event("WaitForFirstConsumer", "waiting"))).isEmpty();
    assertThat(ClaimTrouble.overdue(claim, event("WaitForPodScheduled", "waiting"))).isEmpty();
  }

  private static Optional<Event> event(String reason, String note) {
    return Optional.of(new EventBuilder().withReason(reason).withNote(note).build());
  }

  private static PersistentVolumeClaim claim(String phase, @Nullable String storageClass) {
    return Serialization.unmarshal(
        """
        metadata: {name: demo-data, namespace: shop, creationTimestamp: "2030-01-01T00:00:00Z"}
        spec: {storageClassName: %s}
        status: {phase: %s}
        """
            .formatted(storageClass, phase),
        PersistentVolumeClaim.class);
  }
}
