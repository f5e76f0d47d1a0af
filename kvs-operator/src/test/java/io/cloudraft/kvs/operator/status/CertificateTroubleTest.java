package io.cloudraft.kvs.operator.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloudraft.kvs.operator.status.Verdict.Phase;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class CertificateTroubleTest {
  private static final Instant CREATED = Instant.parse("2030-01-01T00:00:00Z");

  @Test
  void givesAProgramThatMakesCertificatesAMinute() {
    assertThat(at(CREATED.plusSeconds(60)).phase()).isEqualTo(Phase.RECONCILING);
    assertThat(at(CREATED.plusSeconds(61)).phase()).isEqualTo(Phase.STALLED);
  }

  @Test
  void namesTheSecretAndTheFieldAndWhereTheStoreAnswersMeanwhile() {
    assertThat(at(CREATED).sentence())
        .isEqualTo(
            "It answers. Its Ingress has no certificate: there is no Secret demo-tls in namespace shop, which"
                + " spec.ingress.tlsSecretName names.");
  }

  private static Verdict at(Instant now) {
    var ingress =
        Serialization.unmarshal(
            "metadata: {name: demo, namespace: shop, creationTimestamp: '2030-01-01T00:00:00Z'}",
            Ingress.class);
    return CertificateTrouble.of("It answers.", ingress, "demo-tls", now);
  }
}
