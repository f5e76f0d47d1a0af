package io.cloudraft.kvs.operator.status;

import io.cloudraft.kvs.operator.resource.PersistentVolumeClaimResource;
import io.cloudraft.kvs.operator.status.Verdict.Phase;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimCondition;
import java.util.Optional;

/** A volume that is to grow, while the store goes on with what it has. */
public final class VolumeGrowth {
  private VolumeGrowth() {}

  /** Whether the claim asks for more than its volume has. */
  public static boolean isUnderWay(PersistentVolumeClaim claim) {
    return claim.getStatus() != null
        && PersistentVolumeClaimResource.grantedSize(claim)
                .compareTo(PersistentVolumeClaimResource.size(claim))
            < 0;
  }

  /**
   * For a store that answers on such a volume.
   *
   * @param answers where it does, as a sentence
   * @param event what the cluster last said about the claim in an event
   */
  public static Verdict verdict(
      String answers, PersistentVolumeClaim claim, Optional<String> event) {
    var sentence =
        "%s Its volume is to grow from %s to %s and has not yet: %s"
            .formatted(
                answers,
                PersistentVolumeClaimResource.grantedSize(claim),
                PersistentVolumeClaimResource.size(claim),
                condition(claim)
                    .or(() -> event)
                    .orElseGet(
                        () ->
                            "see kubectl describe persistentvolumeclaim -n %s %s"
                                .formatted(
                                    claim.getMetadata().getNamespace(),
                                    claim.getMetadata().getName())));
    return isInfeasible(claim)
        ? new Verdict(Phase.STALLED, Reason.ResizeFailed, sentence)
        : new Verdict(Phase.UNFINISHED, Reason.Resizing, sentence);
  }

  /** Whether what resizes volumes has given up on this one. */
  private static boolean isInfeasible(PersistentVolumeClaim claim) {
    var statuses = claim.getStatus().getAllocatedResourceStatuses();
    return statuses != null && statuses.getOrDefault("storage", "").endsWith("Infeasible");
  }

  private static Optional<String> condition(PersistentVolumeClaim claim) {
    return claim.getStatus().getConditions().stream()
        .filter(condition -> "True".equals(condition.getStatus()))
        .map(PersistentVolumeClaimCondition::getMessage)
        .filter(message -> message != null && !message.isBlank())
        .findFirst();
  }
}
