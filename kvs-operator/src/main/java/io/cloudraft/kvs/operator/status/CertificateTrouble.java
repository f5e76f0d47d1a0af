package io.cloudraft.kvs.operator.status;

import io.cloudraft.kvs.operator.resource.IngressResource;
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
    // An Ingress may be older than what it says of a certificate.
    boolean overdue = IngressResource.appliedAt(ingress).plus(PATIENCE).isBefore(now);
    return new Verdict(
        overdue ? Phase.STALLED : Phase.RECONCILING,
        Reason.CertificateMissing,
        "%s Its Ingress has no certificate: there is no Secret %s in namespace %s, which spec.ingress.tlsSecretName names."
            .formatted(answers, secret, ingress.getMetadata().getNamespace()));
  }
}
