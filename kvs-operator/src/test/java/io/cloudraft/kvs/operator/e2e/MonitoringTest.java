package io.cloudraft.kvs.operator.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.fabric8.openshift.api.model.monitoring.v1.PrometheusRule;
import io.fabric8.openshift.api.model.monitoring.v1.PrometheusRuleBuilder;
import io.fabric8.openshift.api.model.monitoring.v1.ServiceMonitor;
import io.fabric8.openshift.api.model.monitoring.v1.ServiceMonitorBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.ResourceLock;

@Tag("e2e")
@ResourceLock(TestNamespace.KINDS_OF_THE_CLUSTER)
class MonitoringTest {
  @RegisterExtension static final TestNamespace namespace = new TestNamespace("kvs-e2e-monitoring");

  private static final String PROMETHEUS =
      "/api/v1/namespaces/monitoring/services/prometheus-operated:web/proxy/api/v1/";

  /**
   * What the one who reloads the configuration of Prometheus misses, it sees after three minutes.
   */
  private static final Duration UNTIL_RELOADED = Duration.ofMinutes(5);

  private static final Path RULES = Path.of("../config/prometheus/rules.yaml");
  private static final Path DASHBOARD = Path.of("../config/grafana/kvs.json");

  /**
   * One story, because it can be told only once in the life of a cluster: a store lives where
   * nobody has heard of ServiceMonitors; then a Prometheus Operator is installed; within a minute,
   * and without anybody touching the store, it is scraped.
   */
  @Test
  void isScrapedAsSoonAsThereIsAPrometheusOperator() {
    String installer =
        Environment.installPrometheus()
            .orElseThrow(
                () ->
                    new IllegalStateException(
                        "KVS_E2E_INSTALL_PROMETHEUS is not set: run dev/e2e"));
    assertThat(namespace.client().supports(ServiceMonitor.class))
        .as(
            "this cluster knows ServiceMonitors already; the test needs one that does not (dev/cluster/cluster down)")
        .isFalse();
    namespace.apply("watched", "{monitoring: {labels: {release: demo}, interval: 5s}}");
    StoreClient store = namespace.untilReady("watched");
    store.set("a", "1");
    store.set("b", "2");

    Command.run("bash", "-c", installer);

    await("the ServiceMonitor and the PrometheusRule")
        .atMost(Duration.ofMinutes(1))
        .ignoreExceptions()
        .untilAsserted(
            () -> {
              assertThat(monitor("watched").require().getMetadata().getLabels())
                  .containsEntry("release", "demo");
              assertThat(prometheusRule("watched").require().getMetadata().getLabels())
                  .containsEntry("release", "demo");
            });
    Instant appeared = Instant.now();
    await("one target that is up")
        .atMost(UNTIL_RELOADED)
        .ignoreExceptions()
        .untilAsserted(
            () ->
                assertThat(query("up{kvs_cloudraft_io_store=\"watched\"}")).hasToString("[\"1\"]"));
    await("its metrics")
        .atMost(Duration.ofMinutes(1))
        .untilAsserted(
            () ->
                assertThat(query("kvs_keys{kvs_cloudraft_io_store=\"watched\"}"))
                    .hasToString("[\"2\"]"));

    alertsAreTaken();
    dashboardHasFigures();
    assertThat(AuditLog.operatorWrites(appeared, namespace))
        .as("nothing is to be changed in what the API server has filled in")
        .noneMatch(write -> write.contains("/monitoring.coreos.com/"));
    bothComeBack();
    leavesThoseOfOthersAlone();

    namespace.apply("watched", "{monitoring: {labels: {release: demo}, alerts: false}}");
    await("the PrometheusRule to go")
        .atMost(TestNamespace.SECONDS)
        .until(() -> prometheusRule("watched").get() == null);
    assertThat(monitor("watched").get()).isNotNull();
    namespace.apply("watched", "{monitoring: {enabled: false}}");
    await("the ServiceMonitor to go")
        .atMost(TestNamespace.SECONDS)
        .until(() -> monitor("watched").get() == null);
    namespace.untilReady("watched");
  }

  private static void leavesThoseOfOthersAlone() {
    namespace
        .live(
            new ServiceMonitorBuilder()
                .withNewMetadata()
                .withName("taken")
                .withNamespace(namespace.name())
                .endMetadata()
                .withNewSpec()
                .withNewSelector()
                .endSelector()
                .addNewEndpoint()
                .withPort("http")
                .endEndpoint()
                .endSpec()
                .build())
        .create();
    namespace
        .live(
            new PrometheusRuleBuilder()
                .withNewMetadata()
                .withName("taken")
                .withNamespace(namespace.name())
                .endMetadata()
                .withNewSpec()
                .endSpec()
                .build())
        .create();
    namespace.apply("taken", "{replicas: 0}");
    await("what is in the way to be told")
        .atMost(TestNamespace.SECONDS)
        .untilAsserted(
            () ->
                assertThat(TestNamespace.condition(namespace.kvStore("taken").require(), "Stalled"))
                    .containsEntry("reason", "NameTaken")
                    .extractingByKey("message")
                    .asString()
                    .contains("ServiceMonitor taken", "PrometheusRule taken"));
    namespace.kvStore("taken").delete();
  }

  /** The rules of {@code config/prometheus} by their own examples, and those of the store. */
  private static void alertsAreTaken() {
    PrometheusRule rules = Serialization.unmarshal(read(RULES), PrometheusRule.class);
    Environment.promtool()
        .ifPresent(
            promtool -> {
              write("target/rules.spec.yaml", Serialization.asYaml(rules.getSpec()));
              write("target/rules_test.yaml", read(RULES.resolveSibling("rules_test.yaml")));
              assertThat(Command.run(promtool, "test", "rules", "target/rules_test.yaml"))
                  .contains("SUCCESS");
            });
    await("Prometheus to evaluate the alerts")
        .atMost(UNTIL_RELOADED)
        .ignoreExceptions()
        .untilAsserted(
            () -> {
              JsonNode alerts = get("rules").at("/data/groups/0/rules");
              assertThat(alerts).hasSize(rules.getSpec().getGroups().getFirst().getRules().size());
              assertThat(alerts)
                  .allSatisfy(
                      alert -> {
                        assertThat(alert.path("query").asText()).contains("\"watched\"");
                        assertThat(alert.path("health").asText()).as("%s", alert).isEqualTo("ok");
                        assertThat(alert.path("state").asText())
                            .as("%s", alert)
                            .isEqualTo("inactive");
                      });
            });
  }

  /** What is deleted or altered by hand comes back, as with the kinds that each cluster has. */
  private static void bothComeBack() {
    Command.kubectl(
        "delete", "servicemonitor,prometheusrule", "watched", "-n", namespace.name(), "--wait");
    await("both to be back")
        .atMost(TestNamespace.SECONDS)
        .until(() -> monitor("watched").get() != null && prometheusRule("watched").get() != null);
    namespace.patchByJson(
        "prometheusrule",
        "watched",
        "[{\"op\":\"replace\",\"path\":\"/spec/groups/0/rules\",\"value\":[]}]");
    namespace.patch(
        "servicemonitor",
        "watched",
        "{\"spec\":{\"selector\":{\"matchLabels\":{\"kvs.cloudraft.io/store\":\"other\"}}}}");
    await("both to be as they were")
        .atMost(TestNamespace.SECONDS)
        .untilAsserted(
            () -> {
              assertThat(prometheusRule("watched").require().getSpec().getGroups())
                  .singleElement()
                  .satisfies(group -> assertThat(group.getRules()).isNotEmpty());
              assertThat(monitor("watched").require().getSpec().getSelector().getMatchLabels())
                  .containsEntry("kvs.cloudraft.io/store", "watched");
            });
  }

  private static Resource<ServiceMonitor> monitor(String name) {
    return namespace
        .client()
        .resources(ServiceMonitor.class)
        .inNamespace(namespace.name())
        .withName(name);
  }

  private static Resource<PrometheusRule> prometheusRule(String name) {
    return namespace
        .client()
        .resources(PrometheusRule.class)
        .inNamespace(namespace.name())
        .withName(name);
  }

  /** Each expression of {@code config/grafana} is about something that a store tells. */
  private static void dashboardHasFigures() {
    Serialization.unmarshal(read(DASHBOARD), JsonNode.class)
        .findValuesAsText("expr")
        .forEach(
            expression ->
                await(expression)
                    .atMost(Duration.ofMinutes(1))
                    .untilAsserted(
                        () ->
                            assertThat(
                                    query(
                                        expression
                                            .replace("$namespace", namespace.name())
                                            .replace("$store", "watched")
                                            .replace("$__rate_interval", "1h")))
                                .isNotEmpty()));
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void write(String file, String text) {
    try {
      Files.writeString(Path.of(file), text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The values of the instant vector that the expression yields. */
  private static JsonNode query(String expression) {
    JsonNode answer = get("query?query=" + URLEncoder.encode(expression, StandardCharsets.UTF_8));
    ArrayNode values = JsonNodeFactory.instance.arrayNode();
    answer.at("/data/result").forEach(series -> values.add(series.at("/value/1").asText()));
    return values;
  }

  private static JsonNode get(String path) {
    return Serialization.unmarshal(namespace.client().raw(PROMETHEUS + path), JsonNode.class);
  }
}
