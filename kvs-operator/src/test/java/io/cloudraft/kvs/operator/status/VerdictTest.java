package io.cloudraft.kvs.operator.status;

import static io.cloudraft.kvs.operator.status.Deployments.seen;
import static org.assertj.core.api.Assertions.assertThat;

import io.cloudraft.kvs.operator.settings.InvalidSpec;
import io.cloudraft.kvs.operator.status.Verdict.Phase;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/**
 * Failures of children are told in {@code KvStoreReconcilerTest}, from the answer of the API server
 * on.
 */
class VerdictTest {
  private static final Instant NOW = Instant.parse("2030-01-01T00:00:00Z");

  @Test
  void isReadyWhenAllPodsOfThisRolloutAreAvailable() {
    assertThat(verdict(Deployments.available()))
        .isEqualTo(
            new Verdict(
                Phase.READY, Reason.Available, "The store answers at http://demo.localhost."));
  }

  @Test
  void isNotReadyBeforeTheDeploymentExists() {
    assertThat(Verdict.of(Optional.empty(), List.of(), "", NOW).phase())
        .isEqualTo(Phase.RECONCILING);
  }

  @Test
  void isNotReadyBeforeTheDeploymentWasEverSeenByItsController() {
    assertThat(verdict(Deployments.of(1, 1).build()).phase()).isEqualTo(Phase.RECONCILING);
    assertThat(verdict(Deployments.of(1, 1).withNewStatus().endStatus().build()).phase())
        .isEqualTo(Phase.RECONCILING);
  }

  @Test
  void isNotReadyWhileTheDeploymentsStatusIsAboutAnEarlierGeneration() {
    assertThat(verdict(seen(4, 3, 1, 1, 1, 1)).phase()).isEqualTo(Phase.RECONCILING);
  }

  @Test
  void isNotReadyWhilePodsOfTheLastRolloutRun() {
    assertThat(verdict(seen(4, 4, 1, 1, 0, 1)).phase()).isEqualTo(Phase.RECONCILING);
    assertThat(verdict(seen(4, 4, 1, 2, 1, 1)).phase()).isEqualTo(Phase.RECONCILING);
  }

  @Test
  void isNotReadyBeforeThePodsAreAvailable() {
    assertThat(verdict(seen(4, 4, 1, 1, 1, 0)))
        .isEqualTo(
            new Verdict(
                Phase.RECONCILING,
                Reason.RollingOut,
                "0 of 1 pods are available, 0 of them up to date."));
  }

  @Test
  void restsWhenScaledToZeroAndThePodsHaveGone() {
    assertThat(verdict(seen(4, 4, 0, 0, 0, 0)).phase()).isEqualTo(Phase.RESTING);
    assertThat(verdict(seen(4, 4, 0, 0, 0, 0)).reason()).isEqualTo(Reason.ScaledToZero);
    assertThat(verdict(seen(4, 4, 0, 1, 1, 1)).phase()).isEqualTo(Phase.RECONCILING);
    assertThat(verdict(seen(4, 3, 0, 0, 0, 0)).phase()).isEqualTo(Phase.RECONCILING);
  }

  @Test
  void stallsWhenTheDeploymentGaveUpAndSaysWhereToLook() {
    var verdict = verdict(givenUp(seen(4, 4, 1, 1, 1, 0)));

    assertThat(verdict.phase()).isEqualTo(Phase.STALLED);
    assertThat(verdict.reason()).isEqualTo(Reason.ProgressDeadlineExceeded);
    assertThat(verdict.sentence())
        .contains("timed out", "kubectl describe pod -n shop -l kvs.cloudraft.io/store=demo");
  }

  /** It was RollingOut for ten minutes, and then there was a pod to describe that never was. */
  @Test
  void stallsOnAPodThatTheApiServerRefuses() {
    assertThat(verdict(refusedSince(NOW.minusSeconds(11), seen(4, 4, 1, 0, 0, 0))))
        .isEqualTo(
            new Verdict(
                Phase.STALLED,
                Reason.Refused,
                "No pod can be made: pods \"demo-1\" is forbidden: exceeded quota: pods"));
  }

  /** In a namespace that was just made there is no service account for some moments. */
  @Test
  void waitsAMomentForWhatIsMissing() {
    assertThat(verdict(refusedSince(NOW.minusSeconds(9), seen(4, 4, 1, 0, 0, 0))).phase())
        .isEqualTo(Phase.RECONCILING);
  }

  /** It would go on with the two from before for ever, and say that it is on its way. */
  @Test
  void stallsOnARolloutThatDoesNotGoOnWhileThePodsFromBeforeAnswer() {
    assertThat(verdict(refusedSince(NOW.minusSeconds(11), seen(4, 4, 2, 2, 0, 2))).reason())
        .isEqualTo(Reason.Refused);
    assertThat(verdict(givenUp(seen(4, 4, 2, 3, 1, 2))).reason())
        .isEqualTo(Reason.ProgressDeadlineExceeded);
    assertThat(rollingOut(pod("demo-b-1", "b", "00:02"), pod("demo-a-1", "a", "00:00")).reason())
        .isEqualTo(Reason.ImageNotPulled);
    assertThat(rollingOut(pod("demo-a-1", "a", "00:02"), pod("demo-b-1", "b", "00:03")).phase())
        .as("the one without an image is older")
        .isEqualTo(Phase.RECONCILING);
    assertThat(
            rollingOut(
                    pod("demo-b-1", "b", "00:02"),
                    pod("demo-b-2", "b", "00:02"),
                    pod("demo-a-1", "a", "00:00"))
                .phase())
        .as("one is up to date, and it is not known which")
        .isEqualTo(Phase.RECONCILING);
  }

  /** The first of them has no image. */
  private static Verdict rollingOut(Pod... pods) {
    pods[0].setStatus(withoutImage().getStatus());
    return Verdict.of(Optional.of(seen(4, 4, 2, 3, 1, 2)), List.of(pods), "", NOW);
  }

  private static Pod pod(String name, String rollout, String time) {
    return Serialization.unmarshal(
        """
        metadata:
          name: %s
          labels: {pod-template-hash: %s}
          creationTimestamp: '2029-12-31T%s:00Z'
        """
            .formatted(name, rollout, time),
        Pod.class);
  }

  private static Deployment refusedSince(Instant time, Deployment deployment) {
    return new DeploymentBuilder(deployment)
        .editStatus()
        .addNewCondition()
        .withType("ReplicaFailure")
        .withStatus("True")
        .withLastTransitionTime(time.toString())
        .withReason("FailedCreate")
        .withMessage("pods \"demo-1\" is forbidden: exceeded quota: pods")
        .endCondition()
        .endStatus()
        .build();
  }

  @Test
  void isReadyThoughTheDeploymentGaveUpOnItOnce() {
    assertThat(verdict(givenUp(Deployments.available())).phase()).isEqualTo(Phase.READY);
  }

  @Test
  void isReadyWhilePausedOnlyWhenItIsAsThisGenerationAsks() {
    var ready = verdict(Deployments.available());

    assertThat(Verdict.paused(ready, true).phase()).isEqualTo(Phase.READY);
    assertThat(Verdict.paused(ready, true).reason()).isEqualTo(Reason.Paused);
    assertThat(Verdict.paused(ready, true).sentence())
        .contains("http://demo.localhost", "kvs.cloudraft.io/paused");
    assertThat(Verdict.paused(ready, false).phase()).isEqualTo(Phase.RESTING);
    assertThat(
            Verdict.paused(new Verdict(Phase.UNFINISHED, Reason.Resizing, "It grows."), true)
                .phase())
        .isEqualTo(Phase.READY);
    assertThat(Verdict.paused(verdict(seen(4, 4, 1, 1, 1, 0)), true).phase())
        .isEqualTo(Phase.RESTING);
  }

  @Test
  void stallsOnWhatThePodsSayBeforeTheDeploymentGivesUp() {
    var pod = withoutImage();

    assertThat(Verdict.of(Optional.of(seen(4, 4, 1, 1, 1, 0)), List.of(pod), "", NOW).reason())
        .isEqualTo(Reason.ImageNotPulled);
    assertThat(Verdict.of(Optional.of(Deployments.available()), List.of(pod), "", NOW).phase())
        .isEqualTo(Phase.READY);
  }

  /**
   * A corrected image was reported as not pulled once more, as long as the pod of the wrong one had
   * not left.
   */
  @Test
  void isNotStalledByThePodOfTheGenerationBefore() {
    var pods = List.of(withoutImage());

    assertThat(Verdict.of(Optional.of(seen(4, 4, 1, 1, 0, 0)), pods, "", NOW).phase())
        .isEqualTo(Phase.RECONCILING);
    assertThat(Verdict.of(Optional.of(seen(4, 4, 1, 0, 0, 0)), pods, "", NOW).phase())
        .isEqualTo(Phase.RECONCILING);
    assertThat(verdict(givenUp(seen(4, 4, 1, 1, 0, 0))).phase()).isEqualTo(Phase.RECONCILING);
    assertThat(verdict(givenUp(seen(4, 4, 1, 0, 0, 0))).phase())
        .as("where no pod can be made at all")
        .isEqualTo(Phase.STALLED);
  }

  @Test
  void stallsOnAnInvalidSpec() {
    assertThat(Verdict.of(new InvalidSpec("spec.replicas", 2, "must be 0 or 1")))
        .isEqualTo(
            new Verdict(
                Phase.STALLED, Reason.InvalidSpec, "spec.replicas is '2' but must be 0 or 1."));
  }

  @Test
  void retriesWhatItDoesNotKnow() {
    assertThat(Verdict.of(new IllegalStateException("no route to host")))
        .isEqualTo(
            new Verdict(Phase.RECONCILING, Reason.Retrying, "It is tried again: no route to host"));
  }

  private static Pod withoutImage() {
    return Serialization.unmarshal(
        """
        metadata: {name: demo-1, namespace: shop}
        status:
          containerStatuses:
            - {name: store, image: a, restartCount: 0, ready: false, state: {waiting: {reason: ErrImagePull}}}
        """,
        Pod.class);
  }

  private static Verdict verdict(Deployment deployment) {
    return Verdict.of(Optional.of(deployment), List.of(), "http://demo.localhost", NOW);
  }

  private static Deployment givenUp(Deployment deployment) {
    return new DeploymentBuilder(deployment)
        .editStatus()
        .addNewCondition()
        .withType("Progressing")
        .withStatus("False")
        .withReason("ProgressDeadlineExceeded")
        .withMessage("ReplicaSet \"demo-1\" has timed out progressing.")
        .endCondition()
        .endStatus()
        .build();
  }
}
