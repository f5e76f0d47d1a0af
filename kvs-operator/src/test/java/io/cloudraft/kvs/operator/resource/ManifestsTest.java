package io.cloudraft.kvs.operator.resource;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.cloudraft.kvs.operator.Golden;
import io.cloudraft.kvs.operator.Stores;
import io.cloudraft.kvs.operator.api.KvStore;
import io.cloudraft.kvs.operator.settings.StoreSettings;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The whole of what a KvStore becomes. The files are the place to look it up. */
class ManifestsTest {

  @Test
  void minimal() {
    assertManifests("minimal", Stores.minimal());
  }

  @Test
  void full() {
    assertManifests("full", Stores.full());
  }

  @Test
  void etcd() {
    assertManifests("etcd", Stores.etcd());
  }

  @Test
  void nothingOfTheKvStoresOwnLabelsAndAnnotationsIsCopied() {
    var manifests = manifests(Stores.minimal());

    assertThat(manifests).doesNotContain("from-argo", "team", "app.kubernetes.io/instance");
  }

  @Test
  void exactlyTheServiceCarriesWhatTheServiceMonitorSelects() {
    var selected = ChildLabels.selector("full");

    assertThat(desired(Stores.full()).filter(child -> child.getKind().equals("Service")))
        .singleElement()
        .satisfies(
            service ->
                assertThat(service.getMetadata().getLabels()).containsAllEntriesOf(selected));
  }

  @Test
  void aUsersLabelNeverHidesTheServiceMonitorFromTheOperator() {
    var settings = Stores.settings("{monitoring: {labels: {kvs.cloudraft.io/store: other}}}");

    assertThat(
            new ServiceMonitorResource(Stores.OPERATOR).desired(settings).getMetadata().getLabels())
        .containsEntry("kvs.cloudraft.io/store", "demo");
  }

  /** The API server refuses both in one KvStore; two variables of one name are no pod. */
  @Test
  void aFieldWinsOverAVariableOfTheSame() {
    var settings =
        Stores.settings(
            "{history: {seconds: 60}, podTemplate: {env: [{name: KVS_HISTORY_SECONDS, value: '5'}, {name: KVS_HISTORY_BYTES, value: '7'}]}}");

    assertThat(
            new DeploymentResource(Stores.OPERATOR)
                .desired(settings)
                .getSpec()
                .getTemplate()
                .getSpec()
                .getContainers()
                .getFirst()
                .getEnv())
        .extracting(EnvVar::getName, EnvVar::getValue)
        .contains(tuple("KVS_HISTORY_SECONDS", "60"), tuple("KVS_HISTORY_BYTES", "7"))
        .doesNotContain(tuple("KVS_HISTORY_SECONDS", "5"));
  }

  @Test
  void aUsersLabelNeverTakesAPodFromItsService() {
    var settings =
        Stores.settings("{podTemplate: {labels: {app.kubernetes.io/name: other, team: a}}}");

    assertThat(
            new DeploymentResource(Stores.OPERATOR)
                .desired(settings)
                .getSpec()
                .getTemplate()
                .getMetadata()
                .getLabels())
        .containsAllEntriesOf(ChildLabels.selector("demo"))
        .containsEntry("team", "a");
  }

  private static void assertManifests(String name, KvStore store) {
    Golden.file("src/test/resources/children/%s.yaml".formatted(name)).matches(manifests(store));
  }

  private static String manifests(KvStore store) {
    return desired(store).map(Serialization::asYaml).collect(joining());
  }

  private static Stream<HasMetadata> desired(KvStore store) {
    return desired(StoreSettings.from(store, Stores.OPERATOR));
  }

  static Stream<HasMetadata> desired(StoreSettings settings) {
    var operator = Stores.OPERATOR;
    return Stream.of(
            new ServiceAccountResource(operator),
            new PersistentVolumeClaimResource(operator),
            new DeploymentResource(operator),
            new ServiceResource(operator),
            new IngressResource(operator),
            new NetworkPolicyResource(operator),
            new PodDisruptionBudgetResource(operator),
            new HttpRouteResource(operator),
            new ServiceMonitorResource(operator),
            new PrometheusRuleResource(operator))
        .filter(child -> !settings.clients().isEmpty() || !(child instanceof NetworkPolicyResource))
        .filter(child -> !child.isLeftAlone(settings))
        .filter(child -> settings.replicas() > 1 || !(child instanceof PodDisruptionBudgetResource))
        .filter(child -> settings.gateway().isPresent() || !(child instanceof HttpRouteResource))
        .map(child -> child.desired(settings));
  }
}
