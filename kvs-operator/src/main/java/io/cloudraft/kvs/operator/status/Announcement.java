package io.cloudraft.kvs.operator.status;

import io.cloudraft.kvs.operator.api.KvStoreStatus;
import io.cloudraft.kvs.operator.api.StoreCondition;
import io.cloudraft.kvs.operator.status.Verdict.Phase;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What a person wants to hear of when it happens, in an Event: a store answers, was stopped or is
 * stuck. Not each step on the way.
 *
 * @param warning whether somebody has to do something
 */
public record Announcement(boolean warning, String reason, String sentence) {

  /**
   * What is new, compared with what the status said before.
   *
   * @param before empty for a store that was not seen before
   */
  public static Optional<Announcement> of(Optional<KvStoreStatus> before, Verdict verdict) {
    if (verdict.phase() == Phase.RECONCILING || said(before).equals(verdict.reason().name())) {
      return Optional.empty();
    }
    return Optional.of(
        new Announcement(
            verdict.phase() == Phase.STALLED, verdict.reason().name(), verdict.sentence()));
  }

  private static String said(Optional<KvStoreStatus> before) {
    return before.map(KvStoreStatus::conditions).orElse(List.<StoreCondition>of()).stream()
        .filter(condition -> condition.type().equals("Ready"))
        .map(StoreCondition::reason)
        .filter(Objects::nonNull)
        .findFirst()
        .orElse("");
  }
}
