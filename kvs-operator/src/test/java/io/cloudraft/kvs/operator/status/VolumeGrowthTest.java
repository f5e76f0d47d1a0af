package io.cloudraft.kvs.operator.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloudraft.kvs.operator.status.Verdict.Phase;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The statuses are such as Kubernetes 1.34 and its CSI resizer write. */
class VolumeGrowthTest {

  @Test
  void isUnderWayWhileTheVolumeHasLessThanIsClaimed() {
    assertThat(VolumeGrowth.isUnderWay(claim("{capacity: {storage: 1Gi}}"))).isTrue();
    assertThat(VolumeGrowth.isUnderWay(claim("{capacity: {storage: 2048Mi}}"))).isFalse();
    assertThat(VolumeGrowth.isUnderWay(claim("{capacity: {storage: 9Gi}}"))).isFalse();
    assertThat(VolumeGrowth.isUnderWay(claim("{phase: Pending}"))).isFalse();
  }

  @Test
  void leavesTheStoreReadyAndSaysWhatTheClusterSays() {
    assertThat(verdict("{capacity: {storage: 1Gi}}", Optional.of("waiting for a controller")))
        .isEqualTo(
            new Verdict(
                Phase.UNFINISHED,
                Reason.Resizing,
                "It answers. Its volume is to grow from 1Gi to 2Gi and has not yet: waiting for a controller"));
    assertThat(verdict("{capacity: {storage: 1Gi}}", Optional.empty()).sentence())
        .endsWith("see kubectl describe persistentvolumeclaim -n shop demo-data");
  }

  @Test
  void saysTheClaimsOwnConditionRatherThanAnEvent() {
    assertThat(
            verdict(
                    "{capacity: {storage: 1Gi}, conditions: [{type: Resizing, status: 'False', message: over},"
                        + " {type: FileSystemResizePending, status: 'True', message: start a pod}]}",
                    Optional.of("old"))
                .sentence())
        .endsWith("has not yet: start a pod");
  }

  @Test
  void stallsWhenTheResizerGaveUp() {
    var verdict =
        verdict(
            "{capacity: {storage: 1Gi}, allocatedResourceStatuses: {storage: ControllerResizeInfeasible}}",
            Optional.of("out of space"));

    assertThat(verdict.phase()).isEqualTo(Phase.STALLED);
    assertThat(verdict.reason()).isEqualTo(Reason.ResizeFailed);
    assertThat(
            verdict(
                    "{capacity: {storage: 1Gi}, allocatedResourceStatuses: {storage: NodeResizePending}}",
                    Optional.empty())
                .phase())
        .isEqualTo(Phase.UNFINISHED);
  }

  private static Verdict verdict(String status, Optional<String> event) {
    return VolumeGrowth.verdict("It answers.", claim(status), event);
  }

  private static PersistentVolumeClaim claim(String status) {
    return Serialization.unmarshal(
        """
        metadata: {name: demo-data, namespace: shop}
        spec: {resources: {requests: {storage: 2Gi}}}
        status: %s
        """
            .formatted(status),
        PersistentVolumeClaim.class);
  }
}
