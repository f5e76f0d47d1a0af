package io.cloudraft.kvs.service.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whatever comes in, the answer is JSON that says what is wrong, and nothing of how it is built.
 */
class RefusedRequestTest {
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

  private static void assertRefused(String answer, int status, String message) {
    String[] parts = answer.split("\r\n\r\n", 2);
    assertThat(parts[0]).startsWith("HTTP/1.1 " + status).contains("application/json");
    assertThat(parts[1]).startsWith("{\"error\":\"").endsWith("\"}").contains(message);
    assertThat(answer)
        .doesNotContainIgnoringCase("tomcat", "apache", "html", "java", "exception")
        .doesNotContain("\nServer:", "..\"}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/nope", "/getx", "/set/", "/v2/kv", "/%2e", "/GET/a", "/search/"})
  void saysWhatExistsAtAnUnknownPath(String path) throws Exception {
    assertRefused(service.rawGet(path), 404, "GET /get/{key}, POST /set, GET /search");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "POST | /get/a | GET, HEAD",
        "DELETE | /get/a | GET, HEAD",
        "OPTIONS | /get/a | GET, HEAD",
        "TRACE | /get/a | GET, HEAD",
        "PROPFIND | /search | GET, HEAD",
        "get | /get/a | GET, HEAD",
        "GET | /set | POST",
        "PUT | /set | POST",
        "POST | /metrics | GET, HEAD",
        "POST | /readyz | GET, HEAD",
      })
  void saysWhichMethodsAPathHas(String method, String path, String allow) throws Exception {
    String answer =
        service.raw(method + " " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");

    assertRefused(answer, 405, method);
    assertThat(answer).contains("\r\nAllow: " + allow + "\r\n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "GARBAGE | 400 | method name",
        "G@T /get/a HTTP/1.1 | 400 | method name",
        "GET /get/a b HTTP/1.1 | 400 | HTTP protocol",
        "GET get/a HTTP/1.1 | 400 | Invalid URI",
        "GET * HTTP/1.1 | 400 | Invalid URI",
        "GET /search%00 HTTP/1.1 | 400 | Invalid URI",
        "GET /../../x HTTP/1.1 | 400 | Invalid URI",
        "GET /get/a HTTP/9.9 | 505 | HTTP/1.1",
        "CONNECT x:80 HTTP/1.1 | 501 | CONNECT",
      })
  void refusesARequestLineThatIsNotHttp(String line, int status, String message) throws Exception {
    assertRefused(service.raw(line + "\r\nHost: x\r\nConnection: close\r\n\r\n"), status, message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/get/\u0001", "/get/\u00c3\u00a9", "/get/\u007f"})
  void refusesCharactersThatMustBeEscaped(String target) throws Exception {
    assertRefused(service.rawGet(target), 400, "Invalid character found in the request target");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "X: y | 400 | Host",
        "Host: a\\nHost: b | 400 | Host",
        "Host: a b! | 400 | never valid in a domain name",
        "Host: x\\nbad header | 400 | header line [bad header]",
        "Host: x\\nContent-Length: -3 | 400 | Content-Length",
        "Host: x\\nContent-Length: 3\\nContent-Length: 4 | 400 | Content-Length",
        "Host: x\\nTransfer-Encoding: foo | 501 | Transfer-Encoding",
        "Host: x\\nExpect: foo | 417 | 100-continue",
      })
  void refusesHeadersThatAreNotHttp(String headers, int status, String message) throws Exception {
    assertRefused(
        service.raw(
            "POST /set HTTP/1.1\r\n"
                + headers.replace("\\n", "\r\n")
                + "\r\nConnection: close\r\n\r\n"),
        status,
        message);
  }

  @Test
  void refusesHeadersThatAreTooLarge() throws Exception {
    String header = "X: " + "a".repeat(20_000) + "\r\n";

    assertRefused(
        service.raw("GET /get/a HTTP/1.1\r\nHost: x\r\n" + header + "\r\n"), 431, "17408 bytes");
  }

  @Test
  void refusesTooManyHeaders() throws Exception {
    assertRefused(
        service.raw("GET /get/a HTTP/1.1\r\nHost: x\r\n" + "X: y\r\n".repeat(200) + "\r\n"),
        400,
        "[100]");
  }

  @Test
  void givesUpOnABodyThatStopsArriving() throws Exception {
    assertRefused(
        service.raw("POST /set HTTP/1.1\r\nHost: x\r\nContent-Length: 30\r\n\r\n{"),
        408,
        "stopped arriving");
  }

  @Test
  void goesOnWithTheConnectionAfterAKindRefusal() throws Exception {
    HttpResponse<String> answer =
        service.send(service.request("/set").PUT(BodyPublishers.ofString("{}")));

    assertThat(answer.statusCode()).isEqualTo(405);
    assertThat(service.get("/livez").statusCode()).isEqualTo(200);
  }

  /** Nobody will read it. */
  @Test
  void doesNotWaitForTheBodyOfWhatHasNoPlace(@TempDir Path other) throws Exception {
    try (RunningService patient = new RunningService(other, null);
        Socket socket = new Socket("localhost", patient.port())) {
      // Less than Tomcat would wait for the body.
      socket.setSoTimeout(5_000);
      socket
          .getOutputStream()
          .write(
              "PUT /v1/kv/a%zz HTTP/1.1\r\nHost: x\r\nContent-Length: 6000000\r\n\r\n"
                  .getBytes(ISO_8859_1));

      assertThat(new String(socket.getInputStream().readAllBytes(), ISO_8859_1))
          .startsWith("HTTP/1.1 400 ")
          .contains("Connection: close\r\n");
      assertThat(patient.get("/metrics").body()).contains("\nkvs_http_requests_active 1.0\n");
    }
  }
}
