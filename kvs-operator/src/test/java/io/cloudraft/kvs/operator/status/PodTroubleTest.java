package io.cloudraft.kvs.operator.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloudraft.kvs.operator.status.Verdict.Phase;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The statuses are such as a kubelet and a scheduler write. */
class PodTroubleTest {
  private static final Instant SOON_AFTER = Instant.parse("2030-01-01T00:09:59Z");

  private static final String CRASHED =
      "{name: store, restartCount: %d, ready: %b, state: %s, lastState: {terminated: {exitCode: 1, reason: Error,"
          + " finishedAt: '2030-01-01T00:00:00Z', message: 'the log is damaged'}}}";

  @ParameterizedTest
  @CsvSource({"ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull"})
  void anImageThatCannotBePulled(String reason) {
    assertThat(
            trouble(
                "{name: store, image: 'example.com/none:1', restartCount: 0, ready: false, state: {waiting: {reason: %s, message: not found}}}"
                    .formatted(reason)))
        .contains(
            new Verdict(
                Phase.STALLED,
                Reason.ImageNotPulled,
                "The image example.com/none:1 of container store cannot be pulled: not found. Correct spec.image or"
                    + " spec.imagePullSecrets."));
  }

  @Test
  void aContainerThatCannotBeStarted() {
    assertThat(
            trouble(
                "{name: side, restartCount: 0, ready: false, state: {waiting: {reason: CreateContainerConfigError,"
                    + " message: 'secret \"a\" not found'}}}"))
        .contains(
            new Verdict(
                Phase.STALLED,
                Reason.PodNotStarted,
                "Container side cannot be started: secret \"a\" not found."));
  }

  @Test
  void aContainerThatCrashesWithItsLastWords() {
    var expected =
        new Verdict(
            Phase.STALLED,
            Reason.PodCrashes,
            "Container store of pod demo-1 ended with exit code 1, again and again. Its last words: the log is"
                + " damaged");

    assertThat(trouble(CRASHED.formatted(1, false, "{waiting: {reason: CrashLoopBackOff}}")))
        .contains(expected);
    assertThat(trouble(CRASHED.formatted(2, false, "{running: {}}")))
        .as("while it is tried again")
        .contains(expected);
  }

  @Test
  void isNoneAfterOneCrashOrWhenTheContainerHasRecovered() {
    assertThat(trouble(CRASHED.formatted(1, false, "{running: {}}"))).isEmpty();
    assertThat(trouble(CRASHED.formatted(7, true, "{running: {}}"))).isEmpty();
  }

  /** A store that had crashed weeks ago was called crashing whenever it was not ready. */
  @Test
  void isNoneOfAContainerThatHasRunForLongSinceItCrashed() {
    var later = SOON_AFTER.plusSeconds(1);

    assertThat(trouble(CRASHED.formatted(2, false, "{running: {}}"), later)).isEmpty();
    assertThat(trouble(CRASHED.formatted(2, false, "{waiting: {reason: PodInitializing}}"), later))
        .as("while it does not run")
        .isPresent();
  }

  @Test
  void aContainerThatNeedsMoreMemoryAndSaidNothing() {
    assertThat(
            trouble(
                "{name: store, restartCount: 3, ready: false, state: {terminated: {exitCode: 137, reason: OOMKilled}}}"))
        .map(Verdict::sentence)
        .contains(
            "Container store of pod demo-1 ended with exit code 137 (out of memory: raise"
                + " spec.resources.limits.memory), again and again. It left no last words.");
  }

  /** A restored store ends by itself, and so may one that was restored twice. */
  @Test
  void aContainerThatEndsWellAgainAndAgainOnlyWhenTheKubeletHoldsItBack() {
    var ended = CRASHED.replace("exitCode: 1, reason: Error", "exitCode: 0, reason: Completed");

    assertThat(trouble(ended.formatted(2, false, "{running: {}}"))).isEmpty();
    assertThat(trouble(ended.formatted(2, false, "{waiting: {reason: CrashLoopBackOff}}")))
        .map(Verdict::sentence)
        .contains(
            "Container store of pod demo-1 ended with exit code 0, again and again. Its last words: the log is"
                + " damaged");
  }

  @Test
  void keepsTheEndOfManyLastWords() {
    var sentence =
        trouble(
                CRASHED
                    .formatted(5, false, "{running: {}}")
                    .replace("the log is damaged", "a".repeat(5000) + " the end"))
            .orElseThrow()
            .sentence();

    assertThat(sentence).endsWith("aaa the end").contains("…").hasSizeLessThan(800);
  }

  @Test
  void isNoneOfAPodThatStartsOrLeaves() {
    assertThat(
            trouble(
                "{name: store, restartCount: 0, ready: false, state: {waiting: {reason: ContainerCreating}}}"))
        .isEmpty();
    var leaving =
        pod("{containerStatuses: [%s]}".formatted(CRASHED.formatted(9, false, "{running: {}}")));
    leaving.getMetadata().setDeletionTimestamp("2030-01-01T00:00:00Z");
    assertThat(PodTrouble.of(List.of(leaving), SOON_AFTER)).isEmpty();
    assertThat(PodTrouble.of(List.of(pod("{}")), SOON_AFTER)).isEmpty();
  }

  @Test
  void tellsWhyThereIsNoNodeWithoutGivingUp() {
    var pod =
        pod(
            "{conditions: [{type: PodScheduled, status: 'False', reason: Unschedulable, message: '0/1 nodes are"
                + " available: 1 Insufficient memory.'}]}");

    assertThat(PodTrouble.of(List.of(pod), SOON_AFTER)).isEmpty();
    assertThat(PodTrouble.unscheduled(List.of(pod)))
        .contains("There is no node for the pod: 0/1 nodes are available: 1 Insufficient memory.");
  }

  private static Optional<Verdict> trouble(String container) {
    return trouble(container, SOON_AFTER);
  }

  private static Optional<Verdict> trouble(String container, Instant now) {
    return PodTrouble.of(List.of(pod("{containerStatuses: [%s]}".formatted(container))), now);
  }

  private static Pod pod(String status) {
    return Serialization.unmarshal(
        "metadata: {name: demo-1, namespace: shop}\nstatus: " + status, Pod.class);
  }
}
