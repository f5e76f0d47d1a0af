package io.cloudraft.kvs.operator.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;

class OperatorSettingsTest {

  @Test
  void hasDefaultsForAll() {
    var settings =
        OperatorSettings.from(Map.of("KVS_WATCH_NAMESPACES", "", "KVS_INGRESS_DOMAIN", " "));

    assertThat(settings.version()).matches("[0-9]+[.][0-9]+[.][0-9]+.*");
    assertThat(settings.serviceImage())
        .isEqualTo("ghcr.io/cloudraft/kvs-service:" + settings.version());
    assertThat(settings.ingressDomain()).isEqualTo("kvs.localhost");
    assertThat(settings.watchNamespaces()).isEmpty();
    assertThat(settings.leaderElection()).isFalse();
    assertThat(settings.port()).isEqualTo(8080);
  }

  @Test
  void takesEachFromItsVariable() {
    var settings =
        OperatorSettings.from(
            Map.of(
                "KVS_SERVICE_IMAGE", "registry.example.com/kvs:1",
                "KVS_INGRESS_DOMAIN", "kvs.example.com",
                "KVS_WATCH_NAMESPACES", "shop, staging,",
                "KVS_LEADER_ELECTION", "true",
                "KVS_OPERATOR_PORT", "18080"));

    assertThat(settings.serviceImage()).isEqualTo("registry.example.com/kvs:1");
    assertThat(settings.ingressDomain()).isEqualTo("kvs.example.com");
    assertThat(settings.watchNamespaces()).containsExactlyInAnyOrder("shop", "staging");
    assertThat(settings.leaderElection()).isTrue();
    assertThat(settings.port()).isEqualTo(18080);
  }

  @Test
  void refusesWhatCannotBe() {
    assertRefused("KVS_INGRESS_DOMAIN", "kvs..example.com", "must be a domain");
    assertRefused("KVS_INGRESS_DOMAIN", "https://kvs", "must be a domain");
    assertRefused("KVS_WATCH_NAMESPACES", "Shop", "must be names of namespaces");
    assertRefused("KVS_LEADER_ELECTION", "yes", "must be true or false");
    assertRefused("KVS_OPERATOR_PORT", "65536", "must be a port");
    assertRefused("KVS_OPERATOR_PORT", "http", "must be a port");
  }

  private static void assertRefused(String variable, String value, String rule) {
    assertThatThrownBy(() -> OperatorSettings.from(Map.of(variable, value)))
        .isInstanceOf(InvalidSetting.class)
        .hasMessageStartingWith(
            "The environment variable %s is '%s' but %s".formatted(variable, value, rule));
  }
}
