package io.cloudraft.kvs.operator.status;

import io.cloudraft.kvs.operator.status.Verdict.Phase;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** A claim that gets no volume, while a pod waits for it. */
public final class ClaimTrouble {
  /** A volume takes seconds where it is provisioned at all. */
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  /** A class that binds late makes no volume before the pod has a node. */
  private static final Set<String> FOR_ITS_POD =
      Set.of("WaitForFirstConsumer", "WaitForPodScheduled");

  private ClaimTrouble() {}

  /** Whether it has no volume yet. */
  public static boolean isPending(PersistentVolumeClaim claim) {
    return claim.getStatus() != null && Objects.equals(claim.getStatus().getPhase(), "Pending");
  }

  /** Whether it has waited for a volume for longer than one takes. */
  public static boolean isOverdue(PersistentVolumeClaim claim, Instant now) {
    return isPending(claim)
        && Instant.parse(claim.getMetadata().getCreationTimestamp()).plus(PATIENCE).isBefore(now);
  }

  /**
   * For a claim that is overdue.
   *
   * @param last what the cluster last said about it
   * @return empty if it waits for its pod: that one tells why it has no node
   */
  public static Optional<Verdict> overdue(PersistentVolumeClaim claim, Optional<Event> last) {
    return last.map(Event::getReason).filter(FOR_ITS_POD::contains).isPresent()
        ? Optional.empty()
        : Optional.of(notBound(claim, last.map(Event::getNote)));
  }

  private static Verdict notBound(PersistentVolumeClaim claim, Optional<String> said) {
    return new Verdict(
        Phase.STALLED,
        Reason.ClaimNotBound,
        "The claim %s gets no volume (%s): %s"
            .formatted(
                claim.getMetadata().getName(),
                Optional.ofNullable(claim.getSpec().getStorageClassName())
                    .map(name -> "storage class " + name)
                    .orElse("no storage class, and the cluster has no default one"),
                said.orElse(
                    "see kubectl describe persistentvolumeclaim -n %s %s"
                        .formatted(
                            claim.getMetadata().getNamespace(), claim.getMetadata().getName()))));
  }
}
