package io.cloudraft.kvs.service.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.cloudraft.kvs.service.access.UnusableTokens;
import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.CountDownLatch;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may do what with a store that asks for tokens. */
class AuthorizationTest {
  private static final String READER = "reader-0123456789";
  private static final String WRITER = "writer-0123456789";
  private static final String HOST = "Host: localhost\r\n";

  @TempDir Path data;
  @TempDir Path tokens;
  @TempDir Path elsewhere;
  private final WatchedStore store = new WatchedStore();
  private RunningService service;

  @BeforeEach
  void start() throws Exception {
    write("read-only", READER);
    write("read-write", WRITER);
    service = new RunningService(data, store, "--kvs.tokens-directory=" + tokens);
    service.put("/v1/kv/a", "hello", bearer(WRITER));
    store.readers().clear();
    store.writers().clear();
  }

  @AfterEach
  void stop() {
    service.close();
  }

  private void write(String file, String text) throws IOException {
    Path next = Files.writeString(elsewhere.resolve(file), text);
    Files.move(next, tokens.resolve(file), StandardCopyOption.ATOMIC_MOVE);
  }

  private static String[] bearer(String token) {
    return new String[] {"Authorization", "Bearer " + token};
  }

  private String answer(String request) throws IOException {
    try (Socket socket = new Socket("localhost", service.port())) {
      socket.setSoTimeout(30_000);
      socket.getOutputStream().write(request.getBytes(ISO_8859_1));
      socket.shutdownOutput();
      return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "GET,    /v1/kv/a,         200",
    "HEAD,   /v1/kv/a,         200",
    "GET,    /v1/kv,           200",
    "GET,    /v1/capabilities, 200",
    "GET,    /v1/export,       200",
    "GET,    /get/a,           200",
    "GET,    /search,          200",
    "GET,    /get/none,        404",
    "GET,    /v1/watch?from=0, 400",
    "PUT,    /v1/kv/b,         201",
    "DELETE, /v1/kv/a,         204",
    "POST,   /set,             200",
    "POST,   /v1/txn,          200",
    "POST,   /v1/import,       200",
    "TRACE,  /v1/kv/a,         405",
    "GET,    /nothing,         404",
    "GET,    /livez/,          404",
  })
  void everythingNeedsATokenAndWritingOneThatMayWrite(String method, String path, int status)
      throws Exception {
    boolean reads = method.equals("GET") || method.equals("HEAD");
    String body =
        switch (path) {
          case "/set" -> "{\"key\":\"b\",\"value\":\"x\"}";
          case "/v1/txn" -> "{\"then\":[{\"op\":\"put\",\"key\":\"b\",\"value\":\"x\"}]}";
          case "/v1/import" -> "{\"key\":\"b\",\"value\":\"x\"}\n";
          default -> "";
        };
    String request =
        "%s %s HTTP/1.1\r\n%sContent-Length: %d\r\nConnection: close\r\n"
            .formatted(method, path, HOST, body.length());

    assertThat(answer(request + "\r\n" + body))
        .startsWith("HTTP/1.1 401 ")
        .contains("WWW-Authenticate: Bearer realm=\"kvs\"\r\n", "nosniff");
    assertThat(answer(request + "Authorization: Bearer nobody-0123456789\r\n\r\n" + body))
        .startsWith("HTTP/1.1 401 ")
        .contains("WWW-Authenticate: Bearer realm=\"kvs\", error=\"invalid_token\"\r\n");
    assertThat(answer(request + "Authorization: Bearer " + READER + "\r\n\r\n" + body))
        .startsWith("HTTP/1.1 " + (reads ? status : 403) + " ");
    assertThat(store.readers().size() + store.writers().size()).isLessThanOrEqualTo(reads ? 1 : 0);
    assertThat(answer(request + "Authorization: Bearer " + WRITER + "\r\n\r\n" + body))
        .startsWith("HTTP/1.1 " + status + " ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"/livez", "/readyz", "/metrics", "/openapi.yaml", "/docs", "/docs/start.js"})
  void whatShowsNoDataNeedsNone(String path) throws Exception {
    assertThat(service.get(path).statusCode()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/docs/../v1/kv/a",
        "/docs/..%2Fv1/kv/a",
        "/docs/..;/get/a",
        "/docs//../../get/a",
        "/livez/../get/a",
        "/livez;/../get/a",
        "/docs/%2e%2e/get/a",
        "//docs/../get/a",
        "/get/a;/docs/",
        "/get/a?/docs/",
        "http://localhost/docs/../get/a",
      })
  void noPathLeadsAroundIt(String target) throws Exception {
    assertThat(answer("GET " + target + " HTTP/1.1\r\n" + HOST + "\r\n"))
        .doesNotStartWith("HTTP/1.1 200 ")
        .doesNotContain("hello");
    assertThat(store.readers()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Authorization: " + READER,
        "Authorization: Bearer",
        "Authorization: Bearer ",
        "Authorization: Bearer" + READER,
        "Authorization: Basic " + READER,
        "Authorization: Bearer " + READER + "x",
        "Authorization: Bearer " + READER + ", Bearer " + READER,
        "Authorization: Bearer " + READER + "\r\nAuthorization: Bearer " + READER,
        "Authorization: Bearer x\r\nAuthorization: Bearer " + READER,
        "Authorization: \"Bearer " + READER + "\"",
        "X-Authorization: Bearer " + READER,
        "Cookie: Authorization=Bearer " + READER,
      })
  void aHeaderOfAnotherFormIsNone(String header) throws Exception {
    String plain = answer("GET /v1/kv/a HTTP/1.1\r\n" + HOST + header + "\r\n\r\n");
    String other = answer("GET /v1/kv/a HTTP/1.1\r\n" + HOST + header + "\r\nUnknown: x\r\n\r\n");

    assertThat(plain).startsWith("HTTP/1.1 401 ").contains("\"code\":\"unauthorized\"");
    assertThat(other).startsWith("HTTP/1.1 401 ");
    assertThat(store.readers()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"Authorization: Bearer ", "aUTHORIZATION:bEARER   "})
  void whoMayIsAnsweredByTheLoopAsByTheServlet(String header) throws Exception {
    for (String way : new String[] {"", "Unknown: x\r\n"}) {
      assertThat(
              answer("GET /v1/kv/a HTTP/1.1\r\n" + HOST + header + READER + " \r\n" + way + "\r\n"))
          .startsWith("HTTP/1.1 200 ")
          .endsWith("hello");
      assertThat(
              answer(
                  "PUT /v1/kv/b HTTP/1.1\r\nContent-Length: 1\r\n"
                      + HOST
                      + header
                      + WRITER
                      + "\r\n"
                      + way
                      + "\r\nx"))
          .matches("(?s)HTTP/1.1 20[01] .*");
    }
    assertThat(store.readers())
        .hasSize(2)
        .first(InstanceOfAssertFactories.STRING)
        .contains("-Loop-");
    assertThat(store.writers())
        .hasSize(2)
        .first(InstanceOfAssertFactories.STRING)
        .contains("-Loop-");
  }

  @Test
  void saysWhatIsMissing() throws Exception {
    assertThat(service.put("/v1/kv/b", "x", bearer(READER)).body())
        .isEqualTo(
            "{\"title\":\"Forbidden\",\"status\":403,\"code\":\"forbidden\",\"detail\":\"The token may only read, and a PUT needs one that may write.\"}");
    assertThat(service.get("/get/a").body())
        .isEqualTo(
            "{\"error\":\"This store asks for a token: the header Authorization must be \\\"Bearer\\\", a space and a token.\"}");
    assertThat(service.get("/v1/kv/a", bearer("nobody-0123456789")).body())
        .contains("\"code\":\"unauthorized\"", "no token that is valid here")
        .doesNotContain("nobody");
  }

  /** A body that nobody will read is not asked for. */
  @Test
  void isRefusedBeforeItSendsItsBody() throws Exception {
    HttpResponse<String> answer =
        service.send(
            service
                .request("/v1/kv/b")
                .expectContinue(true)
                .PUT(HttpRequest.BodyPublishers.ofString("x".repeat(100_000))));

    assertThat(answer.statusCode()).isEqualTo(401);
  }

  /** Neither is one waited for that the client does not send, or only slowly. */
  @Test
  void isRefusedForGoodBeforeItsBodyIsThere() throws Exception {
    try (Socket socket = new Socket("localhost", service.port())) {
      // Less than Tomcat would wait for the body.
      socket.setSoTimeout(5_000);
      socket
          .getOutputStream()
          .write(
              ("PUT /v1/kv/b HTTP/1.1\r\n" + HOST + "Content-Length: 6000000\r\n\r\n")
                  .getBytes(ISO_8859_1));

      assertThat(new String(socket.getInputStream().readAllBytes(), ISO_8859_1))
          .startsWith("HTTP/1.1 401 ")
          .contains("Connection: close\r\n", "\"code\":\"unauthorized\"");
      // A client that only now sends it has not lost the answer by that.
      socket.getOutputStream().write("x".repeat(100_000).getBytes(ISO_8859_1));
    }
    assertThat(service.get("/metrics").body()).contains("\nkvs_http_requests_active 1.0\n");
  }

  @Test
  void tokensChangeWithoutARestart() throws Exception {
    write("read-only", "newcomer-0123456789");

    await().until(() -> service.get("/v1/kv/a", bearer("newcomer-0123456789")).statusCode() == 200);
    assertThat(service.get("/v1/kv/a", bearer(READER)).statusCode()).isEqualTo(401);
    assertThat(service.get("/v1/kv/a", bearer(WRITER)).statusCode()).isEqualTo(200);
  }

  @Test
  void aWatchEndsWithItsToken() throws Exception {
    String watch = "GET /v1/watch HTTP/1.1\r\n" + HOST + "Authorization: Bearer %s\r\n\r\n";
    try (Socket socket = new Socket("localhost", service.port())) {
      // Less than from one heartbeat to the next, so that a watch that goes on ends the test.
      socket.setSoTimeout(10_000);
      socket.getOutputStream().write(watch.formatted(READER).getBytes(ISO_8859_1));
      byte[] begin = socket.getInputStream().readNBytes(15);
      assertThat(new String(begin, ISO_8859_1)).isEqualTo("HTTP/1.1 200 \r\n");

      write("read-only", READER + "\nnewcomer-0123456789");
      await()
          .until(() -> service.get("/v1/kv/a", bearer("newcomer-0123456789")).statusCode() == 200);
      assertThat(service.get("/metrics").body()).contains("\nkvs_watches 1.0\n");
      write("read-only", "newcomer-0123456789");

      assertThat(new String(socket.getInputStream().readAllBytes(), ISO_8859_1))
          .contains("event: end\ndata: {", "\"code\":\"unauthorized\"");
    }
    assertThat(answer(watch.formatted(READER))).startsWith("HTTP/1.1 401 ");
  }

  @Test
  void aWatchThatIsBeingOpenedWhileItsTokenIsRevokedEndsToo() throws Exception {
    CountDownLatch opening = new CountDownLatch(1);
    CountDownLatch revoked = new CountDownLatch(1);
    store.beforeWatch(
        () -> {
          opening.countDown();
          await().until(() -> revoked.getCount() == 0);
        });
    try (Socket socket = new Socket("localhost", service.port())) {
      socket.setSoTimeout(10_000);
      socket
          .getOutputStream()
          .write(
              "GET /v1/watch HTTP/1.1\r\n%sAuthorization: Bearer %s\r\n\r\n"
                  .formatted(HOST, READER)
                  .getBytes(ISO_8859_1));
      opening.await();
      write("read-only", "newcomer-0123456789");
      await().until(() -> service.get("/v1/kv/a", bearer(READER)).statusCode() == 401);
      revoked.countDown();

      assertThat(new String(socket.getInputStream().readAllBytes(), ISO_8859_1))
          .contains("event: end\ndata: {", "\"code\":\"unauthorized\"");
    }
  }

  @Test
  void tokensThatCannotBeUsedAreToldAndThoseFromBeforeAreUsedOn() throws Exception {
    write("read-only", "short");

    await()
        .untilAsserted(
            () ->
                assertThat(service.get("/readyz").body())
                    .startsWith("{\"ready\":true,\"tokens\":\"Line 1 of ")
                    .contains("has 5 characters, and a token 16 to 256"));
    assertThat(service.get("/v1/kv/a", bearer(READER)).statusCode()).isEqualTo(200);

    write("read-only", READER);
    await()
        .untilAsserted(
            () -> assertThat(service.get("/readyz").body()).isEqualTo("{\"ready\":true}"));
  }

  @Test
  void tokensThatCannotBeUsedKeepItFromStarting(@TempDir Path other) {
    assertThatThrownBy(() -> new RunningService(other, null, "--kvs.tokens-directory=" + other))
        .hasRootCauseInstanceOf(UnusableTokens.class);
  }
}
