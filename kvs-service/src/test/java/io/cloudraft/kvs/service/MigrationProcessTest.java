package io.cloudraft.kvs.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A store is moved as a person does it: the command and both services as processes. */
class MigrationProcessTest {
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static final int MANY = 20_000;

  private final List<ServiceProcess> started = new ArrayList<>();

  /** Not JUnit's own, whose path may be too long for a socket. */
  private Path root = Path.of("");

  private ServiceProcess source;
  private ServiceProcess target;

  @BeforeEach
  void start() throws IOException {
    root = Files.createTempDirectory(Path.of("/tmp"), "kvs");
    source = start("source", Map.of());
    target = start("target", Map.of("KVS_FIRST_REVISION", "1000000000000"));
    source.awaitStart();
    target.awaitStart();
  }

  private ServiceProcess start(String name, Map<String, String> environment) throws IOException {
    ServiceProcess service = ServiceProcess.start(root.resolve(name), environment);
    started.add(service);
    return service;
  }

  @AfterEach
  void remove() throws Exception {
    for (ServiceProcess process : started) {
      process.kill();
    }
    try (var all = Files.walk(root)) {
      for (Path each : all.toList().reversed()) {
        Files.delete(each);
      }
    }
  }

  private KvsCommand.Ran kvs(String... arguments) throws Exception {
    return KvsCommand.run(root.resolve("source"), arguments);
  }

  private String url() {
    return target.uri("").toString();
  }

  private static HttpResponse<String> send(
      ServiceProcess to, String method, String path, String body) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(to.uri(path)).method(method, BodyPublishers.ofString(body)).build();
    return HTTP.send(request, HttpResponse.BodyHandlers.ofString());
  }

  private HttpResponse<String> put(String key) throws Exception {
    return send(source, "PUT", "/v1/kv/" + key, "x");
  }

  private static String get(ServiceProcess from, String path) throws Exception {
    return send(from, "GET", path, "").body();
  }

  private void fill() throws Exception {
    String lines =
        IntStream.range(0, MANY)
            .mapToObj(i -> "{\"key\":\"k%05d\",\"value\":\"%s\"}\n".formatted(i, "v".repeat(500)))
            .collect(Collectors.joining());
    assertThat(send(source, "POST", "/v1/import", lines).body())
        .contains("\"imported\":" + MANY + ",");
  }

  private void awaitFirstKeys() {
    await()
        .atMost(Duration.ofMinutes(1))
        .pollInterval(Duration.ofMillis(5))
        .until(() -> get(target, "/v1/kv?limit=1").contains("k00000"));
  }

  @Test
  void isMovedAndStaysSoAndCanBeTakenBack() throws Exception {
    put("a");
    assertThat(kvs("migrate", "status").output()).isEqualTo("This store takes writes.\n");

    KvsCommand.Ran moved = kvs("migrate", "to", url() + "/");

    assertThat(moved.exitCode()).as(moved.toString()).isZero();
    assertThat(moved.output())
        .startsWith("All 1 keys are in " + url() + " now: both stores were compared");
    assertThat(moved.errors()).contains("copied 1 keys\n", "writes are refused from now on\n");
    assertThat(get(target, "/v1/kv/a")).isEqualTo("x");
    HttpResponse<String> refused = put("b");
    assertThat(refused.statusCode()).isEqualTo(503);
    assertThat(refused.body()).contains("\"code\":\"store_frozen\"", "was moved to " + url());
    assertThat(get(source, "/v1/kv/a")).isEqualTo("x");

    source.kill();
    source = start("source", Map.of());
    source.awaitStart();

    assertThat(put("b").statusCode()).as("after a restart").isEqualTo(503);
    assertThat(send(source, "GET", "/readyz", "").statusCode()).isEqualTo(200);
    assertThat(kvs("migrate", "status").output()).contains("was moved to " + url());
    assertThat(kvs("migrate", "to", url(), "--replace").errors()).contains("was moved to " + url());
    assertThat(kvs("migrate", "undo").output())
        .startsWith("This store takes writes.\n")
        .contains("is not here");
    assertThat(put("b").statusCode()).isEqualTo(201);
  }

  @Test
  void whoIsKilledMeanwhileTakesWritesAtTheNextStartAndIsMovedThen() throws Exception {
    fill();
    Future<KvsCommand.Ran> command =
        ForkJoinPool.commonPool().submit(() -> kvs("migrate", "to", url()));
    awaitFirstKeys();
    source.kill();

    assertThat(command.get().exitCode()).isEqualTo(1);
    assertThat(command.get().errors()).contains("The service ended before the command did");
    source = start("source", Map.of());
    source.awaitStart();
    assertThat(source.keys()).isEqualTo(MANY);
    assertThat(put("later").statusCode()).isEqualTo(201);
    assertThat(kvs("migrate", "to", url()).errors()).contains("with --replace they are deleted");
    assertThat(kvs("migrate", "to", url(), "--replace").output())
        .startsWith("All %d keys".formatted(MANY + 1));
    assertThat(get(target, "/v1/kv/later")).isEqualTo("x");
  }

  /** A Service refused connections for a moment after its pod was ready. */
  @Test
  void waitsAMomentForATargetThatCannotBeReachedYet() throws Exception {
    put("a");
    String port = Integer.toString(target.port());
    target.kill();
    Future<KvsCommand.Ran> command =
        ForkJoinPool.commonPool().submit(() -> kvs("migrate", "to", url()));
    Thread.sleep(Duration.ofSeconds(1));
    start("target", Map.of("SERVER_PORT", port));

    assertThat(command.get().exitCode()).as(command.get().toString()).isZero();
  }

  @Test
  void stopsWhenThePersonLeaves() throws Exception {
    fill();
    Path errors = Files.createFile(root.resolve("errors"));
    Process command = KvsCommand.start(root.resolve("source"), errors, "migrate", "to", url());
    awaitFirstKeys();
    command.destroyForcibly().waitFor();

    await()
        .atMost(Duration.ofMinutes(1))
        .until(() -> kvs("migrate", "status").output().equals("This store takes writes.\n"));
    assertThat(put("later").statusCode()).isEqualTo(201);
  }

  @Test
  void saysWhatIsWrong() throws Exception {
    assertFails("is not the address of a store", "migrate", "to", "target:8000");
    assertFails(
        "gave no good answer for 10 s: java.net.ConnectException",
        "migrate",
        "to",
        "http://localhost:1");
    assertFails("\"migrate\" is not a command. There are: migrate to URL", "migrate");
    assertFails("is not a command", "migrate", "undo", "--replace");
    assertFails("KVS_FIRST_REVISION", "migrate", "to", source.uri("").toString());
    assertFails("answers 404: ", "migrate", "to", url() + "/nowhere");
  }

  @Test
  void goesToAStoreThatAsksForAToken() throws Exception {
    Path tokens = Files.createDirectory(root.resolve("tokens"));
    Path file = Files.writeString(tokens.resolve("read-write"), "secret-0123456789\n");
    ServiceProcess guarded =
        start(
            "guarded",
            Map.of("KVS_FIRST_REVISION", "1000000000000", "KVS_TOKENS_DIRECTORY", "" + tokens));
    guarded.awaitStart();
    String to = guarded.uri("").toString();
    put("a");

    assertFails("answers 401: This store asks for a token", "migrate", "to", to);
    assertFails(
        "answers 401: The header Authorization has no token that is valid here",
        "migrate",
        "to",
        to,
        "--token-file",
        "" + Files.writeString(root.resolve("other"), "other-0123456789"));
    assertFails("cannot be read", "migrate", "to", to, "--token-file", file + ".none");
    assertFails("cannot be read", "migrate", "to", to, "--token-file", "" + tokens);
    assertFails("is not a command", "migrate", "to", to, "--token-file");

    assertThat(kvs("migrate", "to", to, "--token-file", "" + file).output())
        .startsWith("All 1 keys are in " + to + " now");
  }

  private void assertFails(String sentence, String... arguments) throws Exception {
    KvsCommand.Ran ran = kvs(arguments);
    assertThat(ran.exitCode()).as(ran.toString()).isEqualTo(1);
    assertThat(ran.errors()).startsWith("kvs: ").contains(sentence).hasLineCount(1);
  }
}
