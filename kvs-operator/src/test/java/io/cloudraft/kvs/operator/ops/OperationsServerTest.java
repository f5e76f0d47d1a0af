package io.cloudraft.kvs.operator.ops;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class OperationsServerTest {
  private final AtomicReference<Optional<String>> dead = new AtomicReference<>(Optional.empty());
  private final AtomicReference<Optional<String>> waiting =
      new AtomicReference<>(Optional.of("waits for the definition"));
  private final OperatorMetrics metrics = new OperatorMetrics();
  private final OperationsServer server;

  OperationsServerTest() throws IOException {
    server = new OperationsServer(0, dead::get, waiting::get, metrics.registry());
  }

  @AfterEach
  void stop() {
    server.close();
    metrics.close();
  }

  @Test
  void isReadyAsSoonAsStoresAreTendedAndSaysWhyNotBefore() throws Exception {
    assertThat(get("/readyz").statusCode()).isEqualTo(503);
    assertThat(get("/readyz").body()).isEqualTo("waits for the definition\n");

    waiting.set(Optional.empty());

    assertThat(get("/readyz").statusCode()).isEqualTo(200);
  }

  @Test
  void isNotAliveWhenOnlyARestartCanHelp() throws Exception {
    assertThat(get("/livez").statusCode()).isEqualTo(200);

    dead.set(Optional.of("no longer watches"));

    assertThat(get("/livez").statusCode()).isEqualTo(503);
    assertThat(get("/livez").body()).contains("no longer watches");
  }

  @Test
  void tellsItsMetricsInTheTextFormOfPrometheus() throws Exception {
    var answer = get("/metrics");

    assertThat(answer.headers().firstValue("Content-Type"))
        .hasValueSatisfying(type -> assertThat(type).startsWith("text/plain; version=0.0.4"));
    assertThat(answer.body()).contains("# TYPE jvm_memory_used_bytes gauge");
  }

  @Test
  void saysWhatThereIsWhereThereIsNothing() throws Exception {
    assertThat(get("/").statusCode()).isEqualTo(404);
    assertThat(get("/").body()).contains("/metrics");
  }

  private HttpResponse<String> get(String path) throws IOException, InterruptedException {
    try (var client = HttpClient.newHttpClient()) {
      return client.send(
          HttpRequest.newBuilder(URI.create("http://localhost:" + server.port() + path)).build(),
          BodyHandlers.ofString());
    }
  }
}
