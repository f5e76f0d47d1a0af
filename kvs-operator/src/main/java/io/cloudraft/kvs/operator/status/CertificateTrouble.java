package io.cloudraft.kvs.operator.status;

import static java.util.Comparator.naturalOrder;
import static java.util.Objects.requireNonNullElse;

import io.cloudraft.kvs.operator.resource.Children;
import io.cloudraft.kvs.operator.status.Verdict.Phase;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import java.time.Duration;
import java.time.Instant;

/** An Ingress whose certificate is not there. */
public final class CertificateTrouble {
  /** A program that makes certificates begins when it sees the Ingress. */
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private CertificateTrouble() {}

  /**
   * For a store that answers inside of the cluster.
   *
   * @param answers where it does, as a sentence
   * @param secret that is missing
   */
  public static Verdict of(String answers, Ingress ingress, String secret, Instant now) {
    boolean overdue = askedFor(ingress).plus(PATIENCE).isBefore(now);
    return new Verdict(
        overdue ? Phase.STALLED : Phase.RECONCILING,
        Reason.CertificateMissing,
        "%s Its Ingress has no certificate: there is no Secret %s in namespace %s, which spec.ingress.tlsSecretName names."
            .formatted(answers, secret, ingress.getMetadata().getNamespace()));
  }

  /** When the Ingress became what it is: the certificate may be newer than the Ingress. */
  private static Instant askedFor(Ingress ingress) {
    var metadata = ingress.getMetadata();
    var created = metadata.getCreationTimestamp();
    return metadata.getManagedFields().stream()
        .filter(fields -> Children.FIELD_MANAGER.equals(fields.getManager()))
        .map(fields -> Instant.parse(requireNonNullElse(fields.getTime(), created)))
        .max(naturalOrder())
        .orElseGet(() -> Instant.parse(created));
  }
}
