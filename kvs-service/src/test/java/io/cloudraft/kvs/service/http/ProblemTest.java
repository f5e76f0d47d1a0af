package io.cloudraft.kvs.service.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What goes wrong under /v1 before an endpoint is reached has the form and a code of /v1 too. */
class ProblemTest {
  @TempDir static Path directory;
  private static RunningService service;

  @BeforeAll
  static void start() {
    service = new RunningService(directory, null, "--server.tomcat.connection-timeout=300ms");
  }

  @AfterAll
  static void stop() {
    service.close();
  }

  private static void assertProblem(String answer, int status, String title, String code) {
    String[] parts = answer.split("\r\n\r\n", 2);
    assertThat(parts[0])
        .startsWith("HTTP/1.1 " + status)
        .contains("Content-Type: application/problem+json", "X-Content-Type-Options: nosniff");
    assertThat(parts[1])
        .startsWith(
            "{\"title\":\"%s\",\"status\":%d,\"code\":\"%s\",\"detail\":\""
                .formatted(title, status, code))
        .endsWith("\"}");
    assertThat(answer)
        .doesNotContainIgnoringCase("tomcat", "apache", "html", "java", "exception")
        .doesNotContain("..\"}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/v1", "/v1/", "/v1/nope", "/v1/kvx", "/v1/txn/", "/v1//kv"})
  void saysWhatExistsAtAnUnknownPath(String path) throws Exception {
    assertProblem(service.rawGet(path), 404, "Not Found", "unknown_path");
    assertThat(service.rawGet(path)).contains("/openapi.yaml");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/v1x", "/v11/kv", "/get/v1/kv"})
  void keepsTheOldFormEverywhereElse(String path) throws Exception {
    assertThat(service.rawGet(path)).contains("application/json").contains("\r\n\r\n{\"error\":\"");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "X: y | 400 | Bad Request | malformed",
        "Host: x\\nContent-Length: -3 | 400 | Bad Request | malformed",
        "Host: x\\nTransfer-Encoding: foo | 501 | Not Implemented | not_implemented",
        "Host: x\\nExpect: foo | 417 | Expectation Failed | expectation_failed",
        "Host: x\\nContent-Length: 3 | 408 | Request Timeout | timeout",
      })
  void refusesHeadersThatAreNotHttp(String headers, int status, String title, String code)
      throws Exception {
    assertProblem(
        service.raw(
            "PUT /v1/kv/a HTTP/1.1\r\n"
                + headers.replace("\\n", "\r\n")
                + "\r\nConnection: close\r\n\r\n"),
        status,
        title,
        code);
  }

  @Test
  void refusesHeadersThatAreTooLarge() throws Exception {
    assertProblem(
        service.raw("GET /v1/kv/a HTTP/1.1\r\nHost: x\r\nX: " + "a".repeat(20_000) + "\r\n\r\n"),
        431,
        "Request Header Fields Too Large",
        "headers_too_large");
  }

  @Test
  void refusesAnotherVersionOfHttp() throws Exception {
    assertProblem(
        service.raw("GET /v1/kv/a HTTP/9.9\r\nHost: x\r\nConnection: close\r\n\r\n"),
        505,
        "HTTP Version not supported",
        "http_version_not_supported");
  }

  @Test
  void refusesATooLongKeyAndATooLargeValueByTheirNames() throws Exception {
    assertProblem(
        service.rawGet("/v1/kv/" + "a".repeat(1025)), 414, "URI Too Long", "key_too_long");
    assertProblem(
        service.raw(
            "PUT /v1/kv/a HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 9999999\r\n\r\n"),
        413,
        "Content Too Large",
        "value_too_large");
  }

  /** A request line of that length is not read to its end, so that its path is not known. */
  @Test
  void refusesAKeyThatFitsNowhereInTheOldForm() throws Exception {
    assertThat(service.rawGet("/v1/kv/" + "a".repeat(100_000)))
        .startsWith("HTTP/1.1 414")
        .contains("\r\n\r\n{\"error\":\"", "KVS_MAX_KEY_BYTES");
  }
}
