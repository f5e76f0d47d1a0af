package io.cloudraft.kvs.operator.status;

import io.cloudraft.kvs.operator.api.StoreCondition;
import io.cloudraft.kvs.operator.status.Verdict.Phase;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;

/**
 * The three conditions of the kstatus convention. {@code Ready} is normally true; {@code
 * Reconciling} and {@code Stalled} are normally false.
 */
final class Conditions {
  private final List<StoreCondition> before;
  private final long generation;
  private final String now;

  /**
   * Makes conditions about one generation.
   *
   * @param before the conditions so far: the time of each moves only when its status does
   */
  Conditions(List<StoreCondition> before, long generation, Instant now) {
    this.before = before;
    this.generation = generation;
    this.now = now.truncatedTo(ChronoUnit.SECONDS).toString();
  }

  List<StoreCondition> of(Verdict verdict) {
    return List.of(
        condition("Ready", verdict.phase().answers(), verdict.reason(), verdict.sentence()),
        abnormal(
            "Reconciling",
            verdict.phase() == Phase.RECONCILING || verdict.phase() == Phase.UNFINISHED,
            verdict,
            notReconciling(verdict.phase())),
        abnormal(
            "Stalled", verdict.phase() == Phase.STALLED, verdict, "Nothing stands in the way."));
  }

  private static String notReconciling(Phase phase) {
    return phase == Phase.STALLED
        ? "It waits for help: see Stalled."
        : "All that this generation asks for is done.";
  }

  private StoreCondition abnormal(String type, boolean is, Verdict verdict, String otherwise) {
    return condition(type, is, verdict.reason(), is ? verdict.sentence() : otherwise);
  }

  private StoreCondition condition(String type, boolean is, Reason reason, String message) {
    var status = is ? "True" : "False";
    var since =
        before.stream()
            .filter(earlier -> earlier.type().equals(type) && earlier.status().equals(status))
            .map(StoreCondition::lastTransitionTime)
            .filter(Objects::nonNull)
            .findFirst()
            .orElse(now);
    return new StoreCondition(type, status, generation, reason.name(), message, since);
  }
}
