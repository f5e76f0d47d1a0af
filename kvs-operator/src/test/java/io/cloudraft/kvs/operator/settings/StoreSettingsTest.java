package io.cloudraft.kvs.operator.settings;

import static io.cloudraft.kvs.operator.Stores.settings;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cloudraft.kvs.operator.Stores;
import io.cloudraft.kvs.operator.api.KvStore;
import io.cloudraft.kvs.operator.api.ServiceSpec.ServiceType;
import io.cloudraft.kvs.operator.api.StorageSpec.DeletionPolicy;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StoreSettingsTest {

  @Test
  void runsTheImageOfTheOperatorsRelease() {
    assertThat(settings("{}").image()).isEqualTo("example.com/kvs-service:1.2.3");
    assertThat(settings("{image: other}").image()).isEqualTo("other");
  }

  @Test
  void hasOneReplica() {
    assertThat(settings("{}").replicas()).isEqualTo(1);
  }

  @Test
  void keepsItsDataOnAVolumeUnlessItSaysEtcd() {
    assertThat(settings("{}").etcd()).isEmpty();
    assertThat(settings("{engine: {type: RocksDB}}").etcd()).isEmpty();
    assertThat(settings("{engine: {type: Etcd, etcd: {endpoints: ['http://etcd:2379']}}}").etcd())
        .contains(
            new EtcdSettings(
                List.of("http://etcd:2379"),
                "/kvs/shop/demo/",
                Optional.empty(),
                Optional.empty()));
  }

  @Test
  void hasManyReplicasOnlyOverEtcd() {
    var etcd = "engine: {type: Etcd, etcd: {endpoints: ['http://etcd:2379']}}";

    assertThat(settings("{replicas: 3, %s}".formatted(etcd)).replicas()).isEqualTo(3);
    assertThatThrownBy(() -> settings("{replicas: 3, engine: {type: RocksDB}}"))
        .hasMessageStartingWith("spec.replicas is '3'");
  }

  @Test
  void claimsOneGibibyteOfTheDefaultClassAndRetainsIt() {
    assertThat(settings("{}").storage())
        .isEqualTo(
            new StorageSettings(new Quantity("1Gi"), Optional.empty(), DeletionPolicy.Retain));
  }

  @Test
  void takesKeysOfAKibibyteAndValuesOfAMebibyte() {
    assertThat(settings("{}").limits())
        .isEqualTo(new Limits(1024, 1024 * 1024, Optional.empty(), Optional.empty()));
  }

  @Test
  void leavesTheHistoryAndTheBackupsToTheImage() {
    assertThat(settings("{}").history())
        .isEqualTo(new HistorySettings(Optional.empty(), Optional.empty()));
    assertThat(settings("{}").backupClaim()).isEmpty();
  }

  @Test
  void readsTheSizeOfTheHistoryInBytes() {
    assertThat(settings("{history: {size: 1.5Gi}}").history().bytes()).contains(1610612736L);
    assertThatThrownBy(() -> settings("{history: {size: lots}}"))
        .hasMessageStartingWith("spec.history.size is 'lots'");
  }

  @Test
  void hasNoRouteUnlessAGatewayIsNamed() {
    assertThat(settings("{}").gateway()).isEmpty();
  }

  @Test
  void routesTheHostOfTheIngressWhereNoOtherIsNamed() {
    assertThat(host("{gateway: {parentRefs: [{name: a}]}}")).isEqualTo("demo.shop.kvs.localhost");
    assertThat(
            host(
                "{ingress: {enabled: false, host: a.example.com}, gateway: {parentRefs: [{name: a}]}}"))
        .isEqualTo("a.example.com");
    assertThat(
            host(
                "{ingress: {host: a.example.com}, gateway: {parentRefs: [{name: a}], host: b.example.com}}"))
        .isEqualTo("b.example.com");
  }

  private static String host(String spec) {
    return settings(spec).gateway().orElseThrow().host();
  }

  @Test
  void reservesATenthOfACpuAndHalfAGibibyte() {
    assertThat(settings("{}").resources())
        .isEqualTo(
            new ContainerResources(
                Map.of("cpu", new Quantity("100m"), "memory", new Quantity("512Mi")),
                Map.of("memory", new Quantity("512Mi"))));
  }

  @Test
  void limitsMemoryToWhatIsRequestedWhereOnlyThatIsSet() {
    assertThat(settings("{resources: {requests: {memory: 2Gi}}}").resources().limits())
        .containsEntry("memory", new Quantity("2Gi"));
  }

  @Test
  void requestsMemoryUpToItsLimitWhereOnlyThatIsSet() {
    assertThat(settings("{resources: {limits: {memory: 256Mi}}}").resources().requests())
        .containsEntry("memory", new Quantity("256Mi"));
  }

  @Test
  void requestsNoMoreCpuThanItsLimit() {
    assertThat(settings("{resources: {limits: {cpu: 50m}}}").resources().requests())
        .containsEntry("cpu", new Quantity("50m"));
    assertThat(settings("{resources: {limits: {cpu: 2}}}").resources().requests())
        .containsEntry("cpu", new Quantity("100m"));
  }

  @Test
  void answersAtItsNameAndNamespaceUnderTheOperatorsDomain() {
    assertThat(settings("{}").ingress())
        .contains(
            new IngressSettings(
                "demo.shop.kvs.localhost", "/", Optional.empty(), Map.of(), Optional.empty()));
  }

  @Test
  void hasNoIngressWhereThatIsOff() {
    assertThat(settings("{ingress: {enabled: false, host: a.example.com}}").ingress()).isEmpty();
  }

  @Test
  void isMonitoredWithoutLabelsAtThePaceOfPrometheus() {
    assertThat(settings("{}").monitoring())
        .contains(new MonitoringSettings(Map.of(), Optional.empty(), true));
  }

  @Test
  void hasNoAlertsWhereThoseAreOff() {
    assertThat(settings("{monitoring: {alerts: false}}").monitoring())
        .contains(new MonitoringSettings(Map.of(), Optional.empty(), false));
  }

  @Test
  void isNotMonitoredWhereThatIsOff() {
    assertThat(settings("{monitoring: {enabled: false}}").monitoring()).isEmpty();
  }

  @Test
  void hasAllDefaultsWithoutASpecAtAll() {
    KvStore store = Stores.with("null");

    assertThat(StoreSettings.from(store, Stores.OPERATOR)).isEqualTo(settings("{}"));
  }

  @Test
  void refusesAHostThatIsTooLongTogether() {
    var operator =
        OperatorSettings.from(
            Map.of("KVS_INGRESS_DOMAIN", "example." + "a2345678.".repeat(26) + "com"));

    assertThatThrownBy(() -> StoreSettings.from(Stores.with("{}"), operator))
        .isInstanceOf(InvalidSpec.class)
        .hasMessageStartingWith("spec.ingress.host is 'demo.shop.example.")
        .hasMessageContaining("at most 253 characters");
  }

  @Test
  void refusesASecondReplicaThoughTheApiServerShouldHave() {
    assertThatThrownBy(() -> settings("{replicas: 2}"))
        .hasMessage("spec.replicas is '2' but must be 0 or 1: one process may open the volume.");
  }

  @Test
  void podsCarryWhatTheRestartAnnotationSays() {
    var store = Stores.with("{podTemplate: {annotations: {team: a}}}");
    store.getMetadata().setAnnotations(Map.of("kvs.cloudraft.io/restart", "now", "other", "b"));

    assertThat(StoreSettings.from(store, Stores.OPERATOR).pods().annotations())
        .isEqualTo(Map.of("team", "a", "kvs.cloudraft.io/restart", "now"));
    assertThat(Stores.settings("{}").pods().annotations()).isEmpty();
  }

  @Test
  void serviceIsInsideOfTheClusterUnlessToldOtherwise() {
    assertThat(Stores.settings("{}").service())
        .isEqualTo(new ServiceSettings(ServiceType.ClusterIP, Map.of()));
    assertThat(Stores.settings("{service: {type: LoadBalancer}}").service().type())
        .isEqualTo(ServiceType.LoadBalancer);
  }

  @Test
  void namesTheFieldAndTheValueOfAQuantityThatIsNone() {
    assertThatThrownBy(() -> settings("{storage: {size: lots}}"))
        .hasMessage(
            "spec.storage.size is 'lots' but must be a quantity such as 500m, 512Mi or 1Gi.");
    assertThatThrownBy(() -> settings("{storage: {size: ''}}"))
        .hasMessageStartingWith("spec.storage.size is ''");
    assertThatThrownBy(() -> settings("{resources: {limits: {memory: much}}}"))
        .hasMessageStartingWith("spec.resources.limits.memory is 'much'");
  }
}
