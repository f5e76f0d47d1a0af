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

  @Test
  void givesItAMinuteFromWhenTheIngressWasChangedToNameIt() {
    var changed = "2030-02-01T00:00:00Z";
    var fields =
        ", managedFields: [{manager: kvs-operator, operation: Apply, time: '%s'}, {manager: else, operation: Apply, time: '2031-01-01T00:00:00Z'}]"
            .formatted(changed);

    assertThat(at(Instant.parse(changed).plusSeconds(60), fields).phase())
        .isEqualTo(Phase.RECONCILING);
    assertThat(at(Instant.parse(changed).plusSeconds(61), fields).phase()).isEqualTo(Phase.STALLED);
  }

  private static Verdict at(Instant now) {
    return at(now, "");
  }

  private static Verdict at(Instant now, String more) {
    var ingress =
        Serialization.unmarshal(
            "metadata: {name: demo, namespace: shop, creationTimestamp: '2030-01-01T00:00:00Z'%s}"
                .formatted(more),
            Ingress.class);
    return CertificateTrouble.of("It answers.", ingress, "demo-tls", now);
  }
}
