package io.cloudraft.kvs.operator.status;

import io.cloudraft.kvs.operator.status.Verdict.Phase;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStateWaiting;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What keeps a pod from starting that time will not mend, by what its containers say. */
final class PodTrouble {
  private static final Set<String> IMAGE =
      Set.of("ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull");
  private static final Set<String> START =
      Set.of("CreateContainerConfigError", "CreateContainerError", "RunContainerError");

  /** One restart may be a node's or a person's doing; the kubelet waits before it tries a third. */
  private static final int CRASHES = 2;

  /**
   * Restarts are counted for as long as the pod lives: what runs for longer than this is not ready
   * for another reason than the one that ended it before.
   */
  private static final Duration RECENTLY = Duration.ofMinutes(10);

  /** The end of it, where a program says why it ends; a condition is no place for a whole log. */
  private static final int LAST_WORDS = 600;

  private PodTrouble() {}

  static Optional<Verdict> of(List<Pod> pods, Instant now) {
    return staying(pods)
        .flatMap(pod -> containers(pod).flatMap(container -> trouble(pod, container, now).stream()))
        .findFirst();
  }

  /** What the scheduler says of a pod that it found no node for, which a new node may mend. */
  static Optional<String> unscheduled(List<Pod> pods) {
    return staying(pods)
        .map(Pod::getStatus)
        .filter(Objects::nonNull)
        .flatMap(status -> status.getConditions().stream())
        .filter(
            condition ->
                condition.getType().equals("PodScheduled")
                    && condition.getStatus().equals("False")
                    && condition.getMessage() != null)
        .map(condition -> "There is no node for the pod: " + sentence(condition.getMessage()))
        .findFirst();
  }

  /** Those that are not being deleted. */
  static Stream<Pod> staying(List<Pod> pods) {
    return pods.stream().filter(pod -> pod.getMetadata().getDeletionTimestamp() == null);
  }

  private static Stream<ContainerStatus> containers(Pod pod) {
    return pod.getStatus() == null
        ? Stream.empty()
        : Stream.concat(
            pod.getStatus().getInitContainerStatuses().stream(),
            pod.getStatus().getContainerStatuses().stream());
  }

  private static Optional<Verdict> trouble(Pod pod, ContainerStatus container, Instant now) {
    var waiting =
        Optional.ofNullable(container.getState()).map(state -> state.getWaiting()).orElse(null);
    if (waiting != null && IMAGE.contains(waiting.getReason())) {
      return Optional.of(
          new Verdict(
              Phase.STALLED,
              Reason.ImageNotPulled,
              "The image %s of container %s cannot be pulled: %s Correct spec.image or spec.imagePullSecrets."
                  .formatted(container.getImage(), container.getName(), said(waiting))));
    }
    if (waiting != null && START.contains(waiting.getReason())) {
      return Optional.of(
          new Verdict(
              Phase.STALLED,
              Reason.PodNotStarted,
              "Container %s cannot be started: %s".formatted(container.getName(), said(waiting))));
    }
    return lastEnd(container)
        .filter(end -> crashes(container, waiting, end, now))
        .map(
            end ->
                new Verdict(
                    Phase.STALLED,
                    Reason.PodCrashes,
                    "Container %s of pod %s ended with exit code %d%s, again and again. %s"
                        .formatted(
                            container.getName(),
                            pod.getMetadata().getName(),
                            end.getExitCode(),
                            because(end),
                            lastWords(end))));
  }

  private static boolean crashes(
      ContainerStatus container,
      @Nullable ContainerStateWaiting waiting,
      ContainerStateTerminated end,
      Instant now) {
    return (waiting != null && "CrashLoopBackOff".equals(waiting.getReason()))
        || (container.getRestartCount() >= CRASHES
            && !container.getReady()
            && end.getExitCode() != 0
            && (!isRunning(container) || isRecent(end, now)));
  }

  private static boolean isRunning(ContainerStatus container) {
    return container.getState() != null && container.getState().getRunning() != null;
  }

  private static boolean isRecent(ContainerStateTerminated end, Instant now) {
    return end.getFinishedAt() != null
        && Instant.parse(end.getFinishedAt()).plus(RECENTLY).isAfter(now);
  }

  private static Optional<ContainerStateTerminated> lastEnd(ContainerStatus container) {
    return Stream.of(container.getState(), container.getLastState())
        .filter(Objects::nonNull)
        .map(state -> state.getTerminated())
        .filter(Objects::nonNull)
        .findFirst();
  }

  private static String because(ContainerStateTerminated end) {
    return "OOMKilled".equals(end.getReason())
        ? " (out of memory: raise spec.resources.limits.memory)"
        : "";
  }

  private static String lastWords(ContainerStateTerminated end) {
    var words = Optional.ofNullable(end.getMessage()).orElse("").strip();
    if (words.isEmpty()) {
      return "It left no last words.";
    }
    return "Its last words: "
        + (words.length() > LAST_WORDS
            ? "…" + words.substring(words.length() - LAST_WORDS)
            : words);
  }

  private static String said(ContainerStateWaiting waiting) {
    return sentence(Optional.ofNullable(waiting.getMessage()).orElse(waiting.getReason()));
  }

  private static String sentence(String said) {
    return said.endsWith(".") ? said : said + ".";
  }
}
