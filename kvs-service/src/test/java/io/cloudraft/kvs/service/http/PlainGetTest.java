package io.cloudraft.kvs.service.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a request is answered by must make no difference to who sent it. */
class PlainGetTest {
  private static final String HOST = "Host: localhost\r\n";

  @TempDir static Path directory;
  private static final WatchedStore STORE = new WatchedStore();
  private static RunningService service;

  @BeforeAll
  static void start() throws Exception {
    service = new RunningService(directory, STORE);
    service.put("/v1/kv/a", "hello", "Content-Type", "text/plain; charset=\"x\"");
    service.put("/v1/kv/a", "hello again");
    service.put("/v1/kv/b/c.d", "");
    service.put("/v1/kv/short-lived?ttl=10000", "x");
    service.put("/v1/kv/large", "x".repeat(100_000));
    service.put("/v1/kv/slow", "x");
    service.put("/v1/kv/wide", "x".repeat(8_000));
  }

  @AfterAll
  static void stop() {
    service.close();
  }

  @BeforeEach
  void forgetReaders() {
    STORE.readers().clear();
  }

  /** Sends the bytes, then no more, and returns the whole answer but for its date. */
  private static String answer(String request) throws IOException {
    try (Socket socket = new Socket("localhost", service.port())) {
      socket.setSoTimeout(30_000);
      socket.getOutputStream().write(request.getBytes(ISO_8859_1));
      socket.shutdownOutput();
      return new String(socket.getInputStream().readAllBytes(), ISO_8859_1)
          .replaceAll("\r\nDate: [^\r]*", "");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /v1/kv/a HTTP/1.1\r\n" + HOST,
        "GET /get/a HTTP/1.1\r\n" + HOST,
        "GET /v1/kv/b/c.d HTTP/1.1\r\nhOST:  example.com:8080 \r\nUser-Agent: x/1 (y)\r\nAccept: */*\r\nX-Forwarded-For: 1.2.3.4\r\n",
        "GET /get/b/c.d HTTP/1.1\r\nAccept-Encoding: gzip, br\r\n" + HOST,
        "GET /v1/kv/a HTTP/1.1\r\n" + HOST + "Kvs-Consistency: serializable\r\n",
        "GET /v1/kv/a HTTP/1.1\r\n" + HOST + "kvs-consistency:linearizable \r\n",
      })
  void aPlainGetIsAnsweredByTheLoopAsByTheServlet(String head) throws Exception {
    String quick = answer(head + "\r\n");
    assertThat(STORE.readers()).singleElement().asString().contains("-Loop-");
    STORE.readers().clear();

    String slow = answer(head + "Unknown: x\r\n\r\n");
    assertThat(STORE.readers()).singleElement().asString().contains("worker");
    assertThat(quick).startsWith("HTTP/1.1 200 ").isEqualTo(slow);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HEAD /v1/kv/a HTTP/1.1\r\n" + HOST,
        "DELETE /v1/kv/none HTTP/1.1\r\n" + HOST,
        "GET /v1/kv/none HTTP/1.1\r\n" + HOST,
        "GET /v1/kv/ HTTP/1.1\r\n" + HOST,
        "GET /v1/kv?key=a HTTP/1.1\r\n" + HOST,
        "GET /v1/kv/a?key=a HTTP/1.1\r\n" + HOST,
        "GET /v1/kv/a;x HTTP/1.1\r\n" + HOST,
        "GET /v1/kv/%61 HTTP/1.1\r\n" + HOST,
        "GET /v1/kv/a%zz HTTP/1.1\r\n" + HOST,
        "GET /v1/kv/../get/a HTTP/1.1\r\n" + HOST,
        "GET /v1/kv/b/../a HTTP/1.1\r\n" + HOST,
        "GET /v1/kv/b//c.d HTTP/1.1\r\n" + HOST,
        "GET /v1/kv/a/ HTTP/1.1\r\n" + HOST,
        "GET /v1/kv/a. HTTP/1.1\r\n" + HOST,
        "GET /v1/kv/a\\b HTTP/1.1\r\n" + HOST,
        "GET /v1/kv/\u00e9 HTTP/1.1\r\n" + HOST,
        "GET  /v1/kv/a HTTP/1.1\r\n" + HOST,
        "GET /v1/kv/a  HTTP/1.1\r\n" + HOST,
        "GET /v1/kv/a HTTP/1.0\r\n" + HOST,
        "GET /v1/kv/a HTTP/2.7\r\n" + HOST,
        "GET /v1/kv/a HTTP/1.1\r\n",
        "GET /v1/kv/a HTTP/1.1\r\n" + HOST + HOST,
        "GET /v1/kv/a HTTP/1.1\r\nHost: a b\r\n",
        "GET /v1/kv/a HTTP/1.1\r\nHost: a:70000\r\n",
        "GET /v1/kv/a HTTP/1.1\r\nHost: -a\r\n",
        "GET /v1/kv/a HTTP/1.1\r\nHost: a..b\r\n",
        "GET /v1/kv/a HTTP/1.1\r\n" + HOST + "Connection: close\r\n",
        "GET /v1/kv/a HTTP/1.1\r\n" + HOST + "Connection: keep-alive\r\n",
        "GET /v1/kv/a HTTP/1.1\r\n" + HOST + "If-None-Match: \"2\"\r\n",
        "GET /v1/kv/a HTTP/1.1\r\n" + HOST + "If-Match: \"1\"\r\n",
        "GET /v1/kv/a HTTP/1.1\r\n" + HOST + "Range: bytes=0-1\r\n",
        "GET /v1/kv/a HTTP/1.1\r\n" + HOST + "Kvs-Consistency: strong\r\n",
        "GET /v1/kv/a HTTP/1.1\r\n"
            + HOST
            + "Kvs-Consistency: serializable\r\nKvs-Consistency: linearizable\r\n",
        "GET /v1/kv/a HTTP/1.1\r\n" + HOST + "Content-Length: 0\r\n",
        "GET /v1/kv/a HTTP/1.1\r\n" + HOST + "Transfer-Encoding: x\r\n",
        "GET /v1/kv/a HTTP/1.1\r\n" + HOST + "Expect: x\r\n",
        "GET /v1/kv/a HTTP/1.1\r\n" + HOST + "Accept: a\r\n b\r\n",
        "GET /v1/kv/a HTTP/1.1\r\n" + HOST + "Accept : a\r\n",
        "GET /v1/kv/a HTTP/1.1\r\n" + HOST + "Accept: \u0001\r\n",
        "GET /v1/kv/short-lived HTTP/1.1\r\n" + HOST,
        "GET /v1/kv/large HTTP/1.1\r\n" + HOST,
      })
  void everythingElseIsAnsweredByTheServlet(String head) throws Exception {
    String answer = answer(head + "\r\n");
    boolean found = answer.startsWith("HTTP/1.1 200 ");
    boolean missing = answer.startsWith("HTTP/1.1 404 ");
    if (found || !missing) {
      // A loop looks for a key only when the request is plain.
      boolean plain = head.contains("short-lived") || head.contains("large");
      assertThat(STORE.readers().stream().filter(reader -> reader.contains("-Loop-")))
          .hasSize(plain ? 1 : 0);
    }
    assertThat(answer).isEqualTo(answer(head + "Unknown: x\r\n\r\n"));
  }

  @Test
  void aRequestInPiecesAndTwoAtOnceAreAnswered() throws Exception {
    String request = "GET /v1/kv/a HTTP/1.1\r\n" + HOST + "\r\n";
    String once = answer(request);

    assertThat(answer(request + request)).isEqualTo(once + once);
    try (Socket socket = new Socket("localhost", service.port())) {
      socket.setTcpNoDelay(true);
      socket.setSoTimeout(30_000);
      for (int cut : List.of(1, 7, 30, request.length() - 1)) {
        socket.getOutputStream().write(request.substring(0, cut).getBytes(US_ASCII));
        // Whoever reads it has to wait for the rest.
        socket.getOutputStream().flush();
        socket.getOutputStream().write(request.substring(cut).getBytes(US_ASCII));
        assertThat(readAnswer(socket.getInputStream(), once.length())).startsWith("HTTP/1.1 200 ");
      }
    }
  }

  /** An answer has a date of 37 characters more. */
  private static String readAnswer(InputStream in, int lengthWithoutDate) throws IOException {
    return new String(
        in.readNBytes(lengthWithoutDate + "\r\nDate: Tue, 24 Nov 2026 00:00:00 GMT".length()),
        ISO_8859_1);
  }

  /** A client could otherwise write down requests of its own for somebody who shares a proxy. */
  @Test
  void aBodyThatLooksLikeARequestIsABody() throws Exception {
    String body = "GET /v1/kv/a HTTP/1.1\r\n" + HOST + "\r\n";
    try (Socket socket = new Socket("localhost", service.port())) {
      socket.setSoTimeout(30_000);
      String head =
          "PUT /v1/kv/body HTTP/1.1\r\n%sExpect: 100-continue\r\nContent-Length: %d\r\n\r\n"
              .formatted(HOST, body.length());
      socket.getOutputStream().write(head.getBytes(US_ASCII));
      String goOn = "HTTP/1.1 100 \r\n\r\n";
      // From now on a worker waits for the body.
      assertThat(new String(socket.getInputStream().readNBytes(goOn.length()), US_ASCII))
          .isEqualTo(goOn);

      socket.getOutputStream().write(body.getBytes(US_ASCII));
      socket.shutdownOutput();
      assertThat(new String(socket.getInputStream().readAllBytes(), US_ASCII))
          .startsWith("HTTP/1.1 201 ")
          .doesNotContain("hello");
    }
    assertThat(service.get("/v1/kv/body").body()).isEqualTo(body);
  }

  @Test
  void aStoreThatReadsSlowlyIsReadByWorkers() throws Exception {
    String request = "GET /v1/kv/slow HTTP/1.1\r\n" + HOST + "\r\n";
    int length = answer(request).length();
    STORE.readers().clear();
    try (Socket socket = new Socket("localhost", service.port())) {
      socket.setSoTimeout(30_000);
      for (int i = 0; i < 20; i++) {
        socket.getOutputStream().write(request.getBytes(US_ASCII));
        readAnswer(socket.getInputStream(), length);
      }
    }
    assertThat(STORE.readers()).hasSize(20);
    assertThat(STORE.readers().stream().filter(reader -> reader.contains("worker")))
        .hasSizeGreaterThan(10);
  }

  /** A loop that was busy finds many requests at once. */
  @Test
  void ofManyWhoAskAtOnceEachGetsWhatItAskedFor() throws Exception {
    int busyLoops = Runtime.getRuntime().availableProcessors();
    List<Socket> sockets = new ArrayList<>();
    try {
      for (int i = 0; i < 200; i++) {
        service.put("/v1/kv/of-many-" + i, "-".repeat(i * 7));
        Socket socket = new Socket("localhost", service.port());
        socket.setSoTimeout(30_000);
        sockets.add(socket);
      }
      for (int i = 0; i < 200; i++) {
        String key = i < busyLoops ? "slow" : "of-many-" + i;
        String request = "GET /v1/kv/%s HTTP/1.1\r\n%s\r\n".formatted(key, HOST);
        sockets.get(i).getOutputStream().write(request.getBytes(US_ASCII));
        sockets.get(i).shutdownOutput();
      }
      for (int i = busyLoops; i < 200; i++) {
        String answer = new String(sockets.get(i).getInputStream().readAllBytes(), US_ASCII);
        assertThat(answer).startsWith("HTTP/1.1 200 ");
        assertThat(answer.substring(answer.indexOf("\r\n\r\n") + 4)).isEqualTo("-".repeat(i * 7));
      }
    } finally {
      for (Socket socket : sockets) {
        socket.close();
      }
    }
  }

  @Test
  void aClientThatDoesNotReadHoldsUpNobody() throws Exception {
    String request = "GET /v1/kv/wide HTTP/1.1\r\n" + HOST + "\r\n";
    int length = answer(request).length();
    STORE.readers().clear();
    try (Socket stuck = new Socket()) {
      stuck.setReceiveBufferSize(4096);
      stuck.setTcpNoDelay(true);
      stuck.setSoTimeout(30_000);
      stuck.connect(new InetSocketAddress("localhost", service.port()));
      int sent = sendUntilNobodyAnswers(stuck, request);
      assertThat(STORE.readers()).anyMatch(reader -> reader.contains("-Loop-"));

      List<String> others = new ArrayList<>();
      for (int i = 0; i < 2 * Runtime.getRuntime().availableProcessors(); i++) {
        others.add(answer("GET /v1/kv/a HTTP/1.1\r\n" + HOST + "\r\n"));
      }
      assertThat(others).allMatch(answer -> answer.startsWith("HTTP/1.1 200 "));

      for (int i = 0; i < sent; i++) {
        assertThat(readAnswer(stuck.getInputStream(), length))
            .startsWith("HTTP/1.1 200 ")
            .endsWith("\r\n\r\n" + "x".repeat(8_000));
      }
    }
  }

  private static int sendUntilNobodyAnswers(Socket socket, String request) throws IOException {
    for (int sent = 1; sent < 1000; sent++) {
      socket.getOutputStream().write(request.getBytes(US_ASCII));
      int expected = sent;
      try {
        await()
            .pollInterval(Duration.ofMillis(1))
            .atMost(Duration.ofSeconds(2))
            .until(() -> STORE.readers().size() >= expected);
      } catch (ConditionTimeoutException _) {
        return sent;
      }
    }
    throw new AssertionError("the server kept 8 MB for a client that reads nothing");
  }
}
