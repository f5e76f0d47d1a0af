package io.cloudraft.kvs.service.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code dev/transfer}, as a person runs it. */
class TransferCommandTest {
  private static final Path COMMAND = Path.of("../dev/transfer");

  @TempDir Path directory;

  private record Result(int exit, String output) {}

  private static Result transfer(String what, RunningService service, Path file, String... more)
      throws IOException, InterruptedException {
    return transfer("", what, service, file, more);
  }

  private static Result transfer(
      String token, String what, RunningService service, Path file, String... more)
      throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                COMMAND.toString(), what, "http://localhost:" + service.port(), file.toString()));
    command.addAll(List.of(more));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("KVS_TOKEN", token);
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Result(process.waitFor(), output);
  }

  @Test
  void copiesAStore() throws Exception {
    Path file = directory.resolve("export.ndjson");
    try (RunningService from = new RunningService(directory.resolve("from"));
        RunningService to = new RunningService(directory.resolve("to"))) {
      StringBuilder lines = new StringBuilder();
      for (int i = 0; i < 4500; i++) {
        lines.append("{\"key\":\"k%04d\",\"value\":\"é%d\"}\n".formatted(i, i));
      }
      from.post("/v1/import", lines.toString());

      assertThat(transfer("export", from, file).output()).contains("4500 items as of revision");
      Result imported = transfer("import", to, file);
      assertThat(imported.exit()).as(imported.output()).isZero();
      assertThat(imported.output()).contains("imported", "4500 items");
      assertThat(to.get("/search?limit=10000").body())
          .isEqualTo(from.get("/search?limit=10000").body());
      assertThat(to.get("/get/k4499").body()).isEqualTo("é4499");
    }
  }

  @Test
  void bringsItsToken() throws Exception {
    Path tokens = Files.createDirectory(directory.resolve("tokens"));
    String token = "secret-0123456789";
    Files.writeString(tokens.resolve("read-write"), token);
    Path file = directory.resolve("export.ndjson");
    try (RunningService service =
        new RunningService(directory.resolve("data"), null, "--kvs.tokens-directory=" + tokens)) {
      service.put("/v1/kv/a", "1", "Authorization", "Bearer " + token);

      assertThat(transfer("export", service, file).output()).contains("answered 401: This store");
      assertThat(transfer(token, "export", service, file).exit()).isZero();
      assertThat(transfer(token, "import", service, file).exit()).isZero();
    }
  }

  @Test
  void goesOnWhereItBrokeOff() throws Exception {
    Path file = directory.resolve("export.ndjson");
    Files.writeString(
        file,
        """
        {"kvs":"export","revision":9}
        {"key":"a","value":"1"}
        {"key":"b","value":"2"}
        {"key":"c","value":"3"}
        {"kvs":"end","items":3,"revision":9}
        """);
    try (RunningService to = new RunningService(directory.resolve("to"))) {
      assertThat(transfer("import", to, file, "--after", "b").exit()).isZero();

      assertThat(to.get("/search").body()).isEqualTo("[\"c\"]");
    }
  }

  @Test
  void importsNothingOfAFileThatIsNotComplete() throws Exception {
    Path file = directory.resolve("export.ndjson");
    Files.writeString(
        file, "{\"kvs\":\"export\",\"revision\":9}\n{\"key\":\"a\",\"value\":\"1\"}\n");
    try (RunningService to = new RunningService(directory.resolve("to"))) {
      Result refused = transfer("import", to, file);

      assertThat(refused.exit()).isEqualTo(1);
      assertThat(refused.output()).contains("is not complete");
      assertThat(to.get("/search").body()).isEqualTo("[]");
    }
  }

  @Test
  void saysWhichItemTheStoreRefuses() throws Exception {
    Path file = directory.resolve("export.ndjson");
    Files.writeString(
        file, "{\"key\":\"a\",\"value\":1}\n{\"kvs\":\"end\",\"items\":1,\"revision\":9}\n");
    try (RunningService to = new RunningService(directory.resolve("to"))) {
      Result refused = transfer("import", to, file);

      assertThat(refused.exit()).isEqualTo(1);
      assertThat(refused.output())
          .contains("must be a string, not the number 1", "{\"key\":\"a\",\"value\":1}")
          .doesNotContain("Traceback");
    }
  }
}
