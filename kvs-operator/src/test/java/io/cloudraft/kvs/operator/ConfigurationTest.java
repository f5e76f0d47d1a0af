package io.cloudraft.kvs.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloudraft.kvs.operator.resource.Alerts;
import io.cloudraft.kvs.operator.settings.OperatorSettings;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What lies in {@code config/} is about the operator of this release. */
class ConfigurationTest {
  private static final Path CONFIG = Path.of("../config");
  private static final OperatorSettings RELEASE = OperatorSettings.from(Map.of());

  @Test
  void runsTheOperatorOfThisRelease() throws IOException {
    assertThat(container().getImage())
        .as("image in config/operator/deployment.yaml; change it with the version in pom.xml")
        .isEqualTo("ghcr.io/cloudraft/kvs-operator:" + RELEASE.version());
  }

  @Test
  void writesTheDefaultsOfTheSettingsThatItShows() throws IOException {
    var environment =
        container().getEnv().stream().collect(Collectors.toMap(EnvVar::getName, EnvVar::getValue));

    assertThat(environment.keySet())
        .isSubsetOf(
            OperatorSettings.SERVICE_IMAGE,
            OperatorSettings.INGRESS_DOMAIN,
            OperatorSettings.WATCH_NAMESPACES,
            OperatorSettings.PORT);
    assertThat(OperatorSettings.from(environment)).isEqualTo(RELEASE);
  }

  @Test
  void grantsTheKindsThatAKvStoreBecomesAndNoOther() throws IOException {
    var role = find(ClusterRole.class, "rbac/operator.yaml");
    var granted = new TreeSet<String>();
    role.getRules().forEach(rule -> granted.addAll(rule.getResources()));

    Set<String> children = new TreeSet<>();
    for (var store : List.of("full", "etcd")) {
      for (var child : load(Path.of("src/test/resources/children/%s.yaml".formatted(store)))) {
        children.add(child.getPlural());
      }
    }
    children.addAll(List.of("kvstores", "kvstores/status", "pods", "events", "secrets"));
    assertThat(granted).isEqualTo(children);
  }

  @Test
  void alertsAboutAllStoresAreThoseOfEach() {
    Golden.file("../config/prometheus/rules.yaml")
        .matches(
            """
            # Generated from kvs-operator/src/main/resources/alerts.yaml: do not edit. For clusters whose KvStores have no
            # alerts of their own (spec.monitoring.alerts: false). rules_test.yaml has an example of each.
            apiVersion: monitoring.coreos.com/v1
            kind: PrometheusRule
            metadata:
              name: kvs
            spec:
              groups:
                - name: kvs
                  rules:
            """
                + Alerts.aboutAll().indent(8).replaceAll("(?m)^ +$", ""));
  }

  @Test
  void samplesHaveOnlyFieldsThatThereAre() throws IOException {
    var definition =
        Serialization.unmarshal(
            Files.readString(Path.of("../crds/kvstores.kvs.cloudraft.io-v1.yml")),
            CustomResourceDefinition.class);
    var schema = definition.getSpec().getVersions().getFirst().getSchema().getOpenAPIV3Schema();

    try (var samples = Files.list(CONFIG.resolve("samples"))) {
      for (var sample : samples.filter(file -> file.toString().endsWith(".yaml")).toList()) {
        var store =
            Serialization.unmarshal(Files.readString(sample), GenericKubernetesResource.class);
        assertKnown(sample + " spec", property(schema, "spec"), store.get("spec"));
      }
    }
  }

  /** Whatever was a sample once is held against the definition by RefusedByRuleTest. */
  @Test
  void eachSampleIsKept() throws IOException {
    var kept = new TreeSet<String>();
    try (var files = Files.list(Path.of("src/test/resources/samples"))) {
      for (var file : files.toList()) {
        kept.add(Files.readString(file));
      }
    }

    for (var sample : List.of("minimal.yaml", "full.yaml", "etcd/kvstore.yaml")) {
      assertThat(kept)
          .as("copy config/samples/%s, as it is now, to src/test/resources/samples", sample)
          .contains(Files.readString(CONFIG.resolve("samples").resolve(sample)));
    }
  }

  /** RefusedByRuleTest and the two UpgradeTests hold this release against those. */
  @Test
  void whatThisReleaseMakesIsKept() {
    assertThat(Path.of("src/test/resources/releases", RELEASE.version(), "children"))
        .as("copy src/test/resources/stores and children there, as they are at the release")
        .isDirectory();
  }

  private static void assertKnown(String path, JSONSchemaProps schema, Object value) {
    if (schema.getProperties() == null
        || schema.getProperties().isEmpty()
        || !(value instanceof Map<?, ?> fields)) {
      return;
    }
    fields.forEach(
        (name, field) -> {
          assertThat(schema.getProperties()).as(path).containsKey((String) name);
          assertKnown(path + "." + name, property(schema, (String) name), field);
        });
  }

  private static JSONSchemaProps property(JSONSchemaProps schema, String name) {
    return Objects.requireNonNull(schema.getProperties().get(name), name);
  }

  private static Container container() throws IOException {
    return find(Deployment.class, "operator/deployment.yaml")
        .getSpec()
        .getTemplate()
        .getSpec()
        .getContainers()
        .getFirst();
  }

  private static <T extends HasMetadata> T find(Class<T> kind, String file) throws IOException {
    return load(CONFIG.resolve(file)).stream()
        .filter(kind::isInstance)
        .map(kind::cast)
        .findFirst()
        .orElseThrow();
  }

  private static List<HasMetadata> load(Path file) throws IOException {
    Object read = new KubernetesSerialization().unmarshal(Files.newInputStream(file));
    return (read instanceof List<?> several ? several : List.of(read))
        .stream().map(HasMetadata.class::cast).toList();
  }
}
