package io.cloudraft.kvs.operator.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.fabric8.openshift.api.model.monitoring.v1.ServiceMonitor;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

@Tag("e2e")
class MonitoringTest {
  @RegisterExtension static final TestNamespace namespace = new TestNamespace("kvs-e2e-monitoring");

  private static final String PROMETHEUS =
      "/api/v1/namespaces/monitoring/services/prometheus-operated:web/proxy/api/v1/query?query=";

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

    await("the ServiceMonitor")
        .atMost(Duration.ofMinutes(1))
        .ignoreExceptions()
        .untilAsserted(
            () ->
                assertThat(
                        namespace
                            .client()
                            .resources(ServiceMonitor.class)
                            .inNamespace(namespace.name())
                            .withName("watched")
                            .require()
                            .getMetadata()
                            .getLabels())
                    .containsEntry("release", "demo"));
    await("one target that is up")
        .atMost(Duration.ofMinutes(3))
        .ignoreExceptions()
        .untilAsserted(() -> assertThat(query("up{namespace=\"%s\"}")).hasToString("[\"1\"]"));
    await("its metrics")
        .atMost(Duration.ofMinutes(1))
        .untilAsserted(
            () -> assertThat(query("kvs_keys{namespace=\"%s\"}")).hasToString("[\"2\"]"));

    namespace.apply("watched", "{monitoring: {enabled: false}}");
    await("the ServiceMonitor to go")
        .atMost(TestNamespace.SECONDS)
        .until(
            () ->
                namespace
                        .client()
                        .resources(ServiceMonitor.class)
                        .inNamespace(namespace.name())
                        .withName("watched")
                        .get()
                    == null);
    namespace.untilReady("watched");
  }

  /** The values of the instant vector that the expression yields. */
  private static JsonNode query(String expression) {
    String encoded =
        URLEncoder.encode(expression.formatted(namespace.name()), StandardCharsets.UTF_8);
    JsonNode answer =
        Serialization.unmarshal(namespace.client().raw(PROMETHEUS + encoded), JsonNode.class);
    ArrayNode values = JsonNodeFactory.instance.arrayNode();
    answer.at("/data/result").forEach(series -> values.add(series.at("/value/1").asText()));
    return values;
  }
}
