package io.cloudraft.kvs.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Backups as a person makes and restores them: the command and the service as processes. */
class BackupProcessTest {
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private final List<ServiceProcess> started = new ArrayList<>();

  /** Not JUnit's own, whose path may be too long for a socket. */
  private Path data = Path.of("");

  @BeforeEach
  void make() throws IOException {
    data = Files.createTempDirectory(Path.of("/tmp"), "kvs");
  }

  @AfterEach
  void remove() throws Exception {
    for (ServiceProcess process : started) {
      process.kill();
    }
    try (var all = Files.walk(data)) {
      for (Path each : all.toList().reversed()) {
        Files.delete(each);
      }
    }
  }

  private ServiceProcess start() throws IOException {
    ServiceProcess service = ServiceProcess.start(data, Map.of());
    started.add(service);
    return service;
  }

  private KvsCommand.Ran kvs(String... arguments) throws Exception {
    return KvsCommand.run(data, arguments);
  }

  private static void set(ServiceProcess service, String key) throws Exception {
    setValue(service, key, "1");
  }

  private static void setValue(ServiceProcess service, String key, String value) throws Exception {
    String body = "{\"key\":\"%s\",\"value\":\"%s\"}".formatted(key, value);
    HttpRequest request =
        HttpRequest.newBuilder(service.uri("/set"))
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build();
    assertThat(HTTP.send(request, HttpResponse.BodyHandlers.discarding()).statusCode())
        .isEqualTo(200);
  }

  private static String get(ServiceProcess service, String path) throws Exception {
    return HTTP.send(
            HttpRequest.newBuilder(service.uri(path)).build(), HttpResponse.BodyHandlers.ofString())
        .body();
  }

  @Test
  void isMadeListedVerifiedRestoredAndDeletedByCommands() throws Exception {
    ServiceProcess service = start();
    service.awaitStart();
    set(service, "kept");

    KvsCommand.Ran create = kvs("backup", "create");
    assertThat(create.exitCode()).as(create.toString()).isZero();
    assertThat(create.output())
        .startsWith("Backup 1 of ")
        .contains("1 keys at revision 1", "was made");
    set(service, "new");
    assertThat(kvs("backup", "create", "--json").output())
        .startsWith("{\"id\":2,\"time\":\"")
        .contains("\"keys\":2,\"revision\":2,");
    assertThat(kvs("backup", "list").output().lines()).hasSize(3);
    assertThat(kvs("backup", "delete", "2").output()).isEqualTo("Backup 2 was deleted.\n");
    assertThat(kvs("backup", "list", "--json").output())
        .startsWith("{\"backups\":[{\"id\":1,")
        .endsWith("}],\"damaged\":[]}\n");
    assertThat(kvs("backup", "verify", "latest").output()).contains("is as it was made");
    assertThat(get(service, "/metrics"))
        .contains("kvs_backups 1.0", "kvs_backup_last_success_timestamp_seconds 1.");

    KvsCommand.Ran restore = kvs("backup", "restore", "latest");
    assertThat(restore.exitCode()).as(restore.toString()).isZero();
    assertThat(restore.output()).contains("when it is started again");
    assertThat(service.exitCode()).as("ends as one that should").isZero();

    ServiceProcess again = start();
    assertThat(again.awaitStart())
        .hasSize(2)
        .first()
        .asString()
        .contains("Backup 1 of ", "was restored: 1 keys at revision 1", "at 1000000000002");
    assertThat(get(again, "/search")).isEqualTo("[\"kept\"]");
    assertThat(get(again, "/get/kept")).isEqualTo("1");
  }

  @Test
  void saysWhatIsWrongAndEndsWithAnotherCodeThanZero() throws Exception {
    KvsCommand.Ran alone = kvs("backup", "list");
    assertThat(alone.exitCode()).isEqualTo(2);
    assertThat(alone.errors())
        .contains("No service takes commands at " + data.resolve("control.sock"))
        .doesNotContain("\tat ");
    assertThat(kvs().exitCode()).isEqualTo(2);

    ServiceProcess service = start();
    service.awaitStart();
    assertFails("There is no backup 7", "backup", "verify", "7");
    assertFails("There is no backup yet", "backup", "restore", "latest");
    assertFails("\"one\" is not the number of a backup", "backup", "delete", "one");
    assertFails("too few words", "backup", "restore");
    assertFails("too many words", "backup", "create", "now");
    assertFails("\"backup dance\" is not a command", "backup", "dance");
    assertFails("There is no command \"dance\"; there is: backup, migrate", "dance");
    assertThat(kvs("backup", "list").output()).isEqualTo("There is no backup yet.\n");
  }

  private void assertFails(String sentence, String... arguments) throws Exception {
    KvsCommand.Ran ran = kvs(arguments);
    assertThat(ran.exitCode()).as(ran.toString()).isEqualTo(1);
    assertThat(ran.errors()).startsWith("kvs: ").contains(sentence).hasLineCount(1);
    assertThat(ran.output()).isEmpty();
  }

  @Test
  void thatTheEndOfTheServiceCutsOffIsNoBackup() throws Exception {
    ServiceProcess service = start();
    service.awaitStart();
    byte[] random = new byte[700_000];
    for (int i = 0; i < 64; i++) {
      ThreadLocalRandom.current().nextBytes(random);
      setValue(service, "key-" + i, Base64.getEncoder().encodeToString(random));
    }
    Future<KvsCommand.Ran> create = ForkJoinPool.commonPool().submit(() -> kvs("backup", "create"));
    await()
        .atMost(Duration.ofMinutes(1))
        .pollInterval(Duration.ofMillis(1))
        .until(() -> Files.exists(data.resolve("backups/shared_checksum")));
    service.terminate();

    assertThat(service.exitCode()).as("as a process ends on SIGTERM").isEqualTo(143);
    if (create.get().exitCode() != 0) {
      assertThat(create.get().errors()).contains("The service ended before the command did");
    }
    start().awaitStart();
    assertThat(data.resolve("checkpoint")).doesNotExist();
    assertThat(kvs("backup", "create").exitCode()).isZero();
    assertThat(kvs("backup", "verify", "latest").output()).contains("64 keys at revision 64");
  }

  @Test
  void ofAProcessThatWasKilledAreThereAtTheNextStart() throws Exception {
    ServiceProcess service = start();
    service.awaitStart();
    set(service, "kept");
    kvs("backup", "create");
    service.kill();

    start().awaitStart();

    assertThat(kvs("backup", "verify", "1").exitCode()).isZero();
    assertThat(kvs("backup", "create").output()).startsWith("Backup 2 of ");
  }
}
