package io.cloudraft.kvs.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The service as a process of its own: how it starts, refuses to, and ends. */
class ServiceProcessTest {
  private static final Pattern STARTED = Pattern.compile("serves (\\d+) keys in .* on port (\\d+)");

  @TempDir Path directory;
  private final List<Process> started = new ArrayList<>();

  @AfterEach
  void kill() {
    started.forEach(Process::destroyForcibly);
  }

  private Process start(Map<String, String> environment) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                ServiceMain.class.getName(),
                "--server.port=0")
            .redirectErrorStream(true);
    builder.environment().put("KVS_DATA_DIRECTORY", directory.resolve("data").toString());
    builder.environment().putAll(environment);
    Process process = builder.start();
    started.add(process);
    return process;
  }

  private static String outputOf(Process process) throws Exception {
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return output;
  }

  private static Matcher awaitStart(Process process) throws IOException {
    StringBuilder output = new StringBuilder();
    String line;
    while ((line = process.inputReader().readLine()) != null) {
      output.append(line).append('\n');
      Matcher matcher = STARTED.matcher(line);
      if (matcher.find()) {
        assertThat(output.toString().lines()).as("a start is one line").hasSize(1);
        return matcher;
      }
    }
    throw new IOException("did not start: " + output);
  }

  @Test
  void refusesABadSettingInOneLine() throws Exception {
    Process process = start(Map.of("KVS_MAX_KEY_BYTES", "many"));

    assertThat(outputOf(process).lines())
        .singleElement()
        .asString()
        .contains("KVS_MAX_KEY_BYTES is \"many\"", "from 1 to 8192");
    assertThat(process.exitValue()).isEqualTo(1);
  }

  @Test
  void refusesADirectoryOfANewerFormatInOneLine() throws Exception {
    Files.createDirectories(directory.resolve("data"));
    Files.writeString(directory.resolve("data/FORMAT"), "kvs rocksdb format 7\n");
    Process process = start(Map.of());

    assertThat(outputOf(process).lines())
        .singleElement()
        .asString()
        .contains("has format 7", "reads formats 1 to 2");
    assertThat(process.exitValue()).isEqualTo(1);
  }

  /**
   * On SIGTERM: what was accepted is finished, and what was acknowledged is there at the next
   * start.
   */
  @Test
  void endsWithoutLosingWhatItAcknowledged() throws Exception {
    Process process = start(Map.of());
    URI set = URI.create("http://localhost:%s/set".formatted(awaitStart(process).group(2)));
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
                      process.destroy();
                    }
                  }
                });
      }
      CompletableFuture.allOf(writers).join();
    }
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();

    assertThat(process.exitValue()).as("as a process ends on SIGTERM").isEqualTo(143);
    Matcher again = awaitStart(start(Map.of()));
    assertThat(Long.parseLong(again.group(1))).isGreaterThanOrEqualTo(acknowledged.size());
    try (HttpClient client = HttpClient.newHttpClient()) {
      for (String key : acknowledged) {
        URI get = URI.create("http://localhost:%s/get/%s".formatted(again.group(2), key));
        assertThat(
                client
                    .send(HttpRequest.newBuilder(get).build(), HttpResponse.BodyHandlers.ofString())
                    .statusCode())
            .as(key)
            .isEqualTo(200);
      }
    }
  }
}
