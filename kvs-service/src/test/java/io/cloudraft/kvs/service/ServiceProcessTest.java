package io.cloudraft.kvs.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The service as a process of its own: how it starts, refuses to, and ends. */
class ServiceProcessTest {
  @TempDir Path directory;
  private final List<ServiceProcess> started = new ArrayList<>();

  @AfterEach
  void kill() {
    started.forEach(ServiceProcess::close);
  }

  private ServiceProcess start(Map<String, String> environment) throws IOException {
    ServiceProcess process = ServiceProcess.start(directory.resolve("data"), environment);
    started.add(process);
    return process;
  }

  @Test
  void refusesABadSettingInOneLine() throws Exception {
    ServiceProcess process = start(Map.of("KVS_MAX_KEY_BYTES", "many"));

    assertThat(process.outputToTheEnd().lines())
        .singleElement()
        .asString()
        .contains("KVS_MAX_KEY_BYTES is \"many\"", "from 1 to 8192");
    assertThat(process.exitCode()).isEqualTo(1);
  }

  /** Whoever runs the embedded engine pays nothing for the other one. */
  @Test
  void loadsNoClassOfTheEngineThatIsNotChosen() throws Exception {
    ServiceProcess process = start(Map.of("JAVA_TOOL_OPTIONS", "-Xlog:class+load"));

    assertThat(process.awaitStart())
        .anyMatch(line -> line.contains("org.rocksdb.RocksDB "))
        .noneMatch(
            line ->
                line.matches(".* (io\\.grpc|io\\.netty|com\\.google\\.protobuf|io\\.etcd)\\..*"));
  }

  @Test
  void refusesBadSettingsOfEtcdInOneLine() throws Exception {
    ServiceProcess process =
        start(Map.of("KVS_ENGINE", "etcd", "KVS_ETCD_ENDPOINTS", "localhost:2379"));

    assertThat(process.outputToTheEnd().lines())
        .singleElement()
        .asString()
        .contains("KVS_ETCD_ENDPOINTS is \"localhost:2379\"", "http://etcd-0.etcd:2379");
    assertThat(process.exitCode()).isEqualTo(1);
  }

  @Test
  void refusesADirectoryOfANewerFormatInOneLine() throws Exception {
    Files.createDirectories(directory.resolve("data"));
    Files.writeString(directory.resolve("data/FORMAT"), "kvs rocksdb format 7\n");
    ServiceProcess process = start(Map.of());

    assertThat(process.outputToTheEnd().lines())
        .singleElement()
        .asString()
        .contains("has format 7", "reads formats 1 to 2");
    assertThat(process.exitCode()).isEqualTo(1);
  }

  /**
   * On SIGTERM: what was accepted is finished, and what was acknowledged is there at the next
   * start.
   */
  @Test
  void endsWithoutLosingWhatItAcknowledged() throws Exception {
    ServiceProcess process = start(Map.of());
    assertThat(process.awaitStart()).as("a start is one line").hasSize(1);
    URI set = process.uri("/set");
    Queue<String> acknowledged = new ConcurrentLinkedQueue<>();
    try (HttpClient client = HttpClient.newHttpClient()) {
      CompletableFuture<?>[] writers = new CompletableFuture<?>[8];
      for (int w = 0; w < writers.length; w++) {
        int writer = w;
        writers[w] =
            CompletableFuture.runAsync(
                () -> {
                  for (int i = 0; ; i++) {
                    String key = writer + "-" + i;
                    HttpRequest request =
                        HttpRequest.newBuilder(set)
                            .POST(
                                HttpRequest.BodyPublishers.ofString(
                                    "{\"key\":\"%s\",\"value\":1}".formatted(key)))
                            .build();
                    try {
                      if (client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode()
                          == 200) {
                        acknowledged.add(key);
                      }
                    } catch (IOException | InterruptedException e) {
                      return; // The connection ended with the process.
                    }
                    if (acknowledged.size() >= 500) {
                      process.terminate();
                    }
                  }
                });
      }
      CompletableFuture.allOf(writers).join();
    }
    assertThat(process.exitCode()).as("as a process ends on SIGTERM").isEqualTo(143);
    ServiceProcess again = start(Map.of());
    again.awaitStart();
    assertThat(again.keys()).isGreaterThanOrEqualTo(acknowledged.size());
    try (HttpClient client = HttpClient.newHttpClient()) {
      for (String key : acknowledged) {
        assertThat(
                client
                    .send(
                        HttpRequest.newBuilder(again.uri("/get/" + key)).build(),
                        HttpResponse.BodyHandlers.ofString())
                    .statusCode())
            .as(key)
            .isEqualTo(200);
      }
    }
  }
}
