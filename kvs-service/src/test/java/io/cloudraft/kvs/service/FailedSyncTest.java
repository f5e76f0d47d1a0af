package io.cloudraft.kvs.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A disk that answers a sync of the log with an error: dev/powercut/check makes one. */
@Tag("powercut")
class FailedSyncTest {
  private static final Path RECORDER = Path.of(System.getProperty("recorder", "recorder.so"));

  @TempDir Path directory;
  private final HttpClient client = HttpClient.newHttpClient();
  private Path failure;
  private ServiceProcess service;

  @BeforeEach
  void start() throws IOException {
    failure = directory.resolve("failure");
    service =
        ServiceProcess.start(
            directory.resolve("data"),
            Map.of(
                "LD_PRELOAD", RECORDER.toString(),
                "DISK_ROOT", directory.resolve("data").toString(),
                "DISK_FAILURE", failure.toString()));
    service.awaitStart();
  }

  @AfterEach
  void stop() {
    client.close();
    service.close();
  }

  @Test
  void stopsWritesAndNotReadsUntilTheProcessIsStartedAnew() throws Exception {
    assertThat(put("kept").statusCode()).isEqualTo(201);
    Files.createFile(failure);

    HttpResponse<String> refused = put("lost");
    assertThat(refused.statusCode()).isEqualTo(503);
    assertThat(refused.body()).contains("\"code\":\"not_writable\"", "Input/output error");
    assertThat(get("/readyz").statusCode()).isEqualTo(503);
    assertThat(get("/livez").statusCode()).isEqualTo(200);
    assertThat(get("/metrics").body()).contains("kvs_writable 0.0", "kvs_disk_full 0.0");
    assertThat(get("/v1/kv/kept").body()).isEqualTo("kept");
    assertThat(get("/v1/kv/lost").statusCode()).isEqualTo(404);

    Files.delete(failure);
    assertThat(put("later").statusCode())
        .as("a sync that works now says nothing about the one that failed")
        .isEqualTo(503);

    service.kill();
    service = ServiceProcess.start(directory.resolve("data"), Map.of());
    service.awaitStart();
    assertThat(get("/readyz").statusCode()).isEqualTo(200);
    assertThat(get("/v1/kv/kept").body()).isEqualTo("kept");
    assertThat(get("/v1/kv/later").statusCode()).isEqualTo(404);
    assertThat(put("later").statusCode()).isEqualTo(201);
  }

  private HttpResponse<String> put(String key) throws IOException, InterruptedException {
    return send(
        HttpRequest.newBuilder(service.uri("/v1/kv/" + key))
            .PUT(HttpRequest.BodyPublishers.ofString(key)));
  }

  private HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return send(HttpRequest.newBuilder(service.uri(path)));
  }

  private HttpResponse<String> send(HttpRequest.Builder request)
      throws IOException, InterruptedException {
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }
}
