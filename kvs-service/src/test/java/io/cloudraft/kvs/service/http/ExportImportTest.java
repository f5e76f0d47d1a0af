package io.cloudraft.kvs.service.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.InputStream;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExportImportTest {
  @TempDir Path directory;
  private RunningService service;

  @BeforeEach
  void start() {
    service = new RunningService(directory, null, "--kvs.max-value-bytes=1000");
  }

  @AfterEach
  void stop() {
    service.close();
  }

  private HttpResponse<String> importing(String query, String... lines) throws Exception {
    return service.post("/v1/import" + query, String.join("\n", lines) + "\n");
  }

  private static String item(String key, String value) {
    return "{\"key\":\"%s\",\"value\":\"%s\"}".formatted(key, value);
  }

  @Test
  void exportsWhatMatchesBetweenAFirstAndALastLine() throws Exception {
    service.put("/v1/kv/abc-1", "é", "Content-Type", "text/html");
    service.put("/v1/kv/abc-2", "x");
    service.put("/v1/kv/xyz-1", "y");
    HttpResponse<String> all = service.get("/v1/export");

    assertThat(all.headers().firstValue("Content-Type")).contains("application/x-ndjson");
    assertThat(all.body())
        .isEqualTo(
            """
            {"kvs":"export","revision":3}
            {"key":"abc-1","revision":1,"created":1,"version":1,"contentType":"text/html","value":"é"}
            {"key":"abc-2","revision":2,"created":2,"version":1,"contentType":"application/octet-stream","value":"x"}
            {"key":"xyz-1","revision":3,"created":3,"version":1,"contentType":"application/octet-stream","value":"y"}
            {"kvs":"end","items":3,"revision":3}
            """);
    assertThat(service.get("/v1/export?prefix=abc&suffix=-1").body().lines()).hasSize(3);
    assertThat(service.get("/v1/export?limit=1").statusCode()).isEqualTo(400);
    assertThat(service.send(service.request("/v1/export").HEAD()).body()).isEmpty();
  }

  @Test
  void importsWhatAnotherStoreExported(@TempDir Path other) throws Exception {
    Instant expires = Instant.now().plus(1, ChronoUnit.DAYS).truncatedTo(ChronoUnit.MILLIS);
    service.put("/v1/kv?key=a%00%22b", "");
    service.send(
        service
            .request("/v1/kv/bytes?ttl=86400")
            .header("Content-Type", "a/b; c=\"d\"")
            .PUT(HttpRequest.BodyPublishers.ofByteArray(new byte[] {-1, 0, '\n'})));
    for (int i = 0; i < 1000; i++) {
      service.put("/v1/kv/k" + i, "value " + i);
    }
    String exported = service.get("/v1/export").body();
    try (RunningService copy = new RunningService(other)) {
      HttpResponse<String> answer = copy.post("/v1/import", exported);

      assertThat(answer.body())
          .matches("\\{\"imported\":1002,\"lastKey\":\"k999\",\"skipped\":0,\"revision\":\\d+}");
      assertThat(copy.get("/v1/export").body().replaceAll(REVISIONS, ""))
          .isEqualTo(exported.replaceAll(REVISIONS, ""));
      assertThat(copy.get("/v1/kv/bytes").headers().firstValue("Kvs-Expires").map(Instant::parse))
          .hasValueSatisfying(kept -> assertThat(kept).isBetween(expires, expires.plusSeconds(60)));
    }
  }

  private static final String REVISIONS = "\"(revision|created|version)\":\\d+,?";

  @Test
  void overwritesInTheOrderOfTheLines() throws Exception {
    assertThat(importing("", item("a", "1"), item("b", "1"), item("a", "2"), item("a", "3")).body())
        .isEqualTo("{\"imported\":4,\"lastKey\":\"a\",\"skipped\":0,\"revision\":3}");
    assertThat(service.get("/get/a").body()).isEqualTo("3");
  }

  @Test
  void skipsWhatWasImportedBefore() throws Exception {
    assertThat(importing("?after=b+1", item("a", ""), item("b 1", ""), item("b 2", "")).body())
        .isEqualTo("{\"imported\":1,\"lastKey\":\"b 2\",\"skipped\":2,\"revision\":1}");
    assertThat(service.get("/search").body()).isEqualTo("[\"b 2\"]");
  }

  @Test
  void takesNothingAtAll() throws Exception {
    assertThat(service.post("/v1/import", "").body())
        .isEqualTo("{\"imported\":0,\"skipped\":0,\"revision\":0}");
    assertThat(
            importing(
                    "",
                    "{\"kvs\":\"export\",\"revision\":0}",
                    "{\"kvs\":\"end\",\"items\":0,\"revision\":0}")
                .statusCode())
        .isEqualTo(200);
  }

  @Test
  void keepsAllBeforeALineThatIsWrong() throws Exception {
    String[] lines =
        IntStream.range(0, 301)
            .mapToObj(i -> i == 300 ? "{\"key\":1}" : item("k%03d".formatted(i), "v"))
            .toArray(String[]::new);
    HttpResponse<String> answer = importing("", lines);

    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body())
        .contains(
            "\"code\":\"malformed\"",
            "\"line\":301,\"imported\":300,\"lastKey\":\"k299\"",
            "\\\"key\\\" must be a string, not the number 1");
    assertThat(service.get("/v1/kv?count=true&limit=1").body()).contains("\"count\":300");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"key\":\"a\"} | malformed | The field \\\"value\\\" or \\\"base64\\\" is missing",
        "{\"key\":\"\",\"value\":\"\"} | malformed | is empty",
        "{\"key\":\"a\",\"value\":\"\",\"ttl\":1} | malformed | \\\"ttl\\\" is unknown",
        "{\"key\":\"a\",\"value\":\"\",\"version\":\"x\"} | malformed | \\\"version\\\" must be a number",
        "{\"key\":\"a\",\"value\":\"\",\"expires\":\"soon\"} | malformed | RFC 3339",
        "{\"kvs\":\"begin\"} | malformed | must be \\\"export\\\" or \\\"end\\\", not \\\"begin\\\"",
        "{\"kvs\":\"end\"} | malformed | \\\"items\\\" is missing",
        "{\"items\":1} | malformed | \\\"kvs\\\" is missing",
        "{\"kvs\":\"end\",\"items\":0,\"key\":\"a\"} | malformed | beside \\\"kvs\\\"",
        "{\"kvs\":\"end\",\"items\":2} | malformed | says that there are 2 items, but 1 came",
        "{\"kvs\":\"export\",\"revision\":1} | malformed | only the first one may",
        "{\"key\":\"a\",\"value\":\"\"} {} | malformed | goes on after the end",
        "[] | malformed | must be a JSON object",
      })
  void refusesALineThatIsNoneWithItsNumber(String line, String code, String message)
      throws Exception {
    HttpResponse<String> answer = importing("", item("0", ""), line);

    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body())
        .contains("\"code\":\"%s\"".formatted(code), message, "\"line\":2,\"imported\":1");
  }

  @Test
  void refusesWhatComesAfterTheEnd() throws Exception {
    assertThat(importing("", "{\"kvs\":\"end\",\"items\":0}", item("a", "")).body())
        .contains("\"line\":2,\"imported\":0", "comes after the one that says");
  }

  @Test
  void holdsKeysValuesAndLinesAgainstTheLimits() throws Exception {
    HttpResponse<String> value = importing("", item("a", "x".repeat(1001)));
    assertThat(value.statusCode()).isEqualTo(413);
    assertThat(value.body()).contains("\"code\":\"value_too_large\"", "\"line\":1");

    HttpResponse<String> key = importing("", item("k".repeat(1025), ""));
    assertThat(key.statusCode()).isEqualTo(400);
    assertThat(key.body()).contains("\"code\":\"key_too_long\"", "\"line\":1");

    HttpResponse<String> line = importing("", item("a", ""), " ".repeat(200_000));
    assertThat(line.statusCode()).isEqualTo(413);
    assertThat(line.body()).contains("\"code\":\"body_too_large\"", "\"line\":2,\"imported\":1");
    assertThat(importing("", item("a", "x".repeat(1000))).statusCode()).isEqualTo(200);
  }

  @Test
  void doesNotWaitForeverForABodyThatStalls() throws Exception {
    try (RunningService impatient =
            new RunningService(
                directory.resolve("other"), null, "--server.tomcat.connection-timeout=500ms");
        Socket socket = new Socket("localhost", impatient.port())) {
      socket
          .getOutputStream()
          .write(
              ("POST /v1/import HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n"
                      + item("a", "")
                      + "\n")
                  .getBytes(StandardCharsets.US_ASCII));
      socket.setSoTimeout(10_000);
      InputStream in = socket.getInputStream();

      assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8))
          .startsWith("HTTP/1.1 408")
          .contains("\"code\":\"timeout\"");
    }
  }

  @Test
  void takesOnlySomeImportsAtOnce() throws Exception {
    List<Socket> slow = List.of(beginImport(), beginImport());
    HttpResponse<String> answer =
        await().until(() -> importing("", item("a", "")), refused -> refused.statusCode() != 200);

    assertThat(answer.statusCode()).isEqualTo(429);
    assertThat(answer.body()).contains("\"code\":\"busy\"", "2 imports are under way");
    for (Socket socket : slow) {
      socket.close();
    }
    await().until(() -> importing("", item("a", "")).statusCode() == 200);
  }

  private Socket beginImport() throws Exception {
    Socket socket = new Socket("localhost", service.port());
    socket
        .getOutputStream()
        .write(
            "POST /v1/import HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n"
                .getBytes(StandardCharsets.US_ASCII));
    return socket;
  }

  @Test
  void readsLinesHoweverTheyArrive() throws Exception {
    String lines =
        IntStream.range(0, 2000)
            .mapToObj(i -> item("k" + i, "x".repeat(i % 900)))
            .collect(Collectors.joining("\r\n"));

    HttpResponse<String> answer =
        service.send(
            service
                .request("/v1/import")
                .POST(
                    HttpRequest.BodyPublishers.ofByteArrays(
                        lines
                            .chars()
                            .mapToObj(c -> new byte[] {(byte) c})
                            .limit(lines.length())
                            .toList())));

    assertThat(answer.body()).startsWith("{\"imported\":2000,\"lastKey\":\"k1999\"");
  }
}
