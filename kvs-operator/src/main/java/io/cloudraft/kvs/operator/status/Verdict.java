package io.cloudraft.kvs.operator.status;

import static java.util.Comparator.comparing;
import static java.util.Comparator.naturalOrder;
import static java.util.stream.Collectors.groupingBy;

import io.cloudraft.kvs.operator.resource.ChildFailure.NameTaken;
import io.cloudraft.kvs.operator.resource.ChildFailure.Refused;
import io.cloudraft.kvs.operator.resource.ChildrenNotApplied;
import io.cloudraft.kvs.operator.settings.InvalidSpec;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * How a store is, in one phase.
 *
 * @param sentence for people: what is, and what to do about it
 */
public record Verdict(Phase phase, Reason reason, String sentence) {
  /** What all pods of one rollout have in common. */
  private static final String ROLLOUT = "pod-template-hash";

  /** A pod may be refused for want of something that is just being made. */
  private static final Duration UNTIL_REFUSED = Duration.ofSeconds(10);

  /** Each store is in exactly one of these. */
  public enum Phase {
    /** Answers, as this generation of the KvStore asks. */
    READY,
    /** Answers so, while something beside is on its way that it can do without. */
    UNFINISHED,
    /** On its way there by itself. */
    RECONCILING,
    /** Does not answer, and is not meant to. */
    RESTING,
    /** Will not get there without help. */
    STALLED;

    boolean answers() {
      return this == READY || this == UNFINISHED;
    }
  }

  /**
   * For a KvStore whose children are all as it asks, by how far the Deployment is with its pods.
   *
   * @param seen the pods as they were last seen, which tell what is wrong with them
   */
  public static Verdict of(Optional<Deployment> found, List<Pod> seen, String url, Instant now) {
    if (found.isEmpty()) {
      return reconciling("The Deployment is being created.");
    }
    var deployment = found.get();
    var status = Optional.ofNullable(deployment.getStatus());
    int wanted = deployment.getSpec().getReplicas();
    int pods = status.map(s -> s.getReplicas()).orElse(0);
    int updated = status.map(s -> s.getUpdatedReplicas()).orElse(0);
    int available = status.map(s -> s.getAvailableReplicas()).orElse(0);
    long observed = status.map(s -> s.getObservedGeneration()).orElse(0L);
    if (observed < deployment.getMetadata().getGeneration()) {
      return reconciling("The Deployment's change has yet to be taken up by its controller.");
    }
    if (wanted == 0 && pods == 0) {
      return new Verdict(
          Phase.RESTING,
          Reason.ScaledToZero,
          "The store is stopped and its data kept, because spec.replicas is 0.");
    }
    if (pods == wanted && updated == wanted && available == wanted) {
      return new Verdict(Phase.READY, Reason.Available, "The store answers at %s.".formatted(url));
    }
    var current = ofThisRollout(seen, pods, updated);
    // Until the first pod is made anew, a Deployment that gave up did so on those before.
    boolean begun = updated > 0 || pods == 0;
    return PodTrouble.of(current, now)
        .or(() -> refused(deployment, now))
        .or(() -> begun ? overdue(deployment) : Optional.empty())
        .orElseGet(
            () ->
                reconciling(
                    "%d of %d pods are available, %d of them up to date.%s"
                        .formatted(
                            available,
                            wanted,
                            Math.min(updated, available),
                            PodTrouble.unscheduled(current).map(" "::concat).orElse(""))));
  }

  /**
   * While there are pods of the rollout before, these are those that were made later; none where
   * that does not tell which they are.
   */
  private static List<Pod> ofThisRollout(List<Pod> seen, int pods, int updated) {
    if (updated == pods) {
      return pods == 0 ? List.of() : seen;
    }
    return PodTrouble.staying(seen)
        .collect(groupingBy(pod -> pod.getMetadata().getLabels().getOrDefault(ROLLOUT, "")))
        .values()
        .stream()
        .max(comparing(Verdict::firstCreation))
        .filter(latest -> latest.size() == updated)
        .orElse(List.of());
  }

  private static String firstCreation(List<Pod> pods) {
    return pods.stream()
        .map(pod -> pod.getMetadata().getCreationTimestamp())
        .min(naturalOrder())
        .orElseThrow();
  }

  /** For a KvStore whose children are not what it asks. */
  public static Verdict of(Exception failure) {
    return switch (failure) {
      case InvalidSpec invalid -> stalled(Reason.InvalidSpec, invalid);
      case ChildrenNotApplied children when any(children, NameTaken.class) ->
          stalled(Reason.NameTaken, children);
      case ChildrenNotApplied children when any(children, Refused.class) ->
          stalled(Reason.Refused, children);
      default ->
          new Verdict(
              Phase.RECONCILING,
              Reason.Retrying,
              "It is tried again: %s".formatted(failure.getMessage()));
    };
  }

  /**
   * For a KvStore whose children are left as they are.
   *
   * @param current whether they are as this generation of the KvStore asks
   */
  public static Verdict paused(Verdict otherwise, boolean current) {
    var sentence =
        "The operator leaves the store as it is while annotation kvs.cloudraft.io/paused is 'true'.";
    return current && otherwise.phase().answers()
        ? new Verdict(Phase.READY, Reason.Paused, otherwise.sentence() + " " + sentence)
        : new Verdict(Phase.RESTING, Reason.Paused, sentence);
  }

  /** For pods that do not start before there is a Secret that they mount. */
  public static Verdict waitingFor(String secret, String field) {
    return new Verdict(
        Phase.STALLED,
        Reason.PodNotStarted,
        "The pods wait for Secret %s, which %s names: there is none of that name in the store's namespace."
            .formatted(secret, field));
  }

  /** The same, and what else there is to do about it. */
  public Verdict with(String advice) {
    return new Verdict(phase, reason, sentence + " " + advice);
  }

  /** Whether this generation of the KvStore is observed: a paused one is left as it was. */
  boolean isObserved() {
    return reason != Reason.Paused;
  }

  /** The API server takes the Deployment, and refuses the pods that are made of it. */
  private static Optional<Verdict> refused(Deployment deployment, Instant now) {
    return deployment.getStatus().getConditions().stream()
        .filter(
            condition ->
                condition.getType().equals("ReplicaFailure")
                    && condition.getStatus().equals("True")
                    && Instant.parse(condition.getLastTransitionTime())
                        .plus(UNTIL_REFUSED)
                        .isBefore(now))
        .findFirst()
        .map(
            condition ->
                new Verdict(
                    Phase.STALLED,
                    Reason.Refused,
                    "No pod can be made: %s".formatted(condition.getMessage())));
  }

  private static Optional<Verdict> overdue(Deployment deployment) {
    return deployment.getStatus().getConditions().stream()
        .filter(condition -> Objects.equals(condition.getReason(), "ProgressDeadlineExceeded"))
        .findFirst()
        .map(
            condition ->
                new Verdict(
                    Phase.STALLED,
                    Reason.ProgressDeadlineExceeded,
                    "The pods do not become available (%s) See kubectl describe pod -n %s -l kvs.cloudraft.io/store=%s"
                        .formatted(
                            condition.getMessage(),
                            deployment.getMetadata().getNamespace(),
                            deployment.getMetadata().getName())));
  }

  private static Verdict reconciling(String sentence) {
    return new Verdict(Phase.RECONCILING, Reason.RollingOut, sentence);
  }

  private static Verdict stalled(Reason reason, Exception failure) {
    return new Verdict(Phase.STALLED, reason, String.valueOf(failure.getMessage()));
  }

  private static boolean any(ChildrenNotApplied children, Class<?> kind) {
    return children.failures().stream().anyMatch(kind::isInstance);
  }
}
