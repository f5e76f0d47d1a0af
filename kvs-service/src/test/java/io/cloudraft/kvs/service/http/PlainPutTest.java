package io.cloudraft.kvs.service.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cloudraft.kvs.service.engine.memory.MemoryStore;
import io.cloudraft.kvs.service.store.Freeze;
import io.cloudraft.kvs.service.store.Outcome;
import io.cloudraft.kvs.service.store.StoreFailure;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** By whom a write is done must make no difference to who sent it. */
class PlainPutTest {
  private static final String HOST = "Host: localhost\r\n";
  private static final String PUT = "PUT /v1/kv/a HTTP/1.1\r\n" + HOST;

  @TempDir static Path directory;
  private static final WatchedStore STORE = new WatchedStore();
  private static RunningService service;

  @BeforeAll
  static void start() throws Exception {
    service = new RunningService(directory, STORE);
    service.put("/v1/kv/a", "first");
  }

  @AfterAll
  static void stop() {
    service.close();
  }

  @BeforeEach
  void forgetWriters() {
    STORE.writers().clear();
  }

  @AfterEach
  void commitAtOnce() {
    STORE.commitAtOnce();
  }

  private static Socket connect() throws IOException {
    Socket socket = new Socket("localhost", service.port());
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(30_000);
    return socket;
  }

  private static void send(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(ISO_8859_1));
  }

  /** Sends the bytes, then no more, and returns the whole answer but for its date and revisions. */
  private static String answer(String request) throws IOException {
    try (Socket socket = connect()) {
      send(socket, request);
      socket.shutdownOutput();
      return withoutChanging(new String(socket.getInputStream().readAllBytes(), ISO_8859_1));
    }
  }

  private static String withoutChanging(String answer) {
    return answer
        .replaceAll("\r\n(Date|Kvs-Expires): [^\r]*", "")
        .replaceAll("(ETag: \"|Kvs-Created: |Kvs-Version: )\\d+", "$1n");
  }

  private static String withBody(String head, String body) {
    return head + "Content-Length: " + body.length() + "\r\n\r\n" + body;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        PUT,
        PUT + "Content-Type: text/plain; charset=\"x\"\r\n",
        PUT + "content-type:application/json  \r\nUser-Agent: x\r\nAccept: */*\r\n",
        "PUT /v1/kv/b/c.d HTTP/1.1\r\nX-Forwarded-For: 1.2.3.4\r\n" + HOST,
      })
  void aPlainPutIsHandedOverByTheLoopAndAnsweredAsByTheServlet(String head) throws Exception {
    String path = head.substring("PUT ".length(), head.indexOf(" HTTP"));
    answer(withBody(head, "there already"));
    STORE.writers().clear();

    String quick = answer(withBody(head, "hello"));
    assertThat(STORE.writers()).singleElement().asString().contains("-Loop-");
    var kept = service.get(path);
    STORE.writers().clear();

    String slow = answer(withBody(head + "Unknown: x\r\n", "hello"));
    assertThat(STORE.writers()).singleElement().asString().contains("worker");
    assertThat(quick).startsWith("HTTP/1.1 200 ").isEqualTo(slow);
    assertThat(kept.body()).isEqualTo("hello").isEqualTo(service.get(path).body());
    assertThat(kept.headers().firstValue("Content-Type"))
        .isEqualTo(service.get(path).headers().firstValue("Content-Type"));
  }

  @Test
  void aNewKeyIsCreatedByTheLoopAsByTheServlet() throws Exception {
    String quick = answer(withBody("PUT /v1/kv/new-1 HTTP/1.1\r\n" + HOST, ""));
    String slow = answer(withBody("PUT /v1/kv/new-2 HTTP/1.1\r\nUnknown: x\r\n" + HOST, ""));

    assertThat(STORE.writers()).hasSize(2).first().asString().contains("-Loop-");
    assertThat(quick).startsWith("HTTP/1.1 201 ").isEqualTo(slow);
    assertThat(service.get("/v1/kv/new-1").body()).isEmpty();
  }

  /** Tomcat's buffer of a connection is small, and takes back only a part. */
  @ParameterizedTest
  @ValueSource(ints = {300, 400, 512, 600, 1_000, 5_000, 8_000, 9_000, 100_000})
  void valuesOfAllSizesAreKeptAsTheyAre(int size) throws Exception {
    String value = alphabet(size);

    assertThat(answer(withBody(PUT, value))).startsWith("HTTP/1.1 200 ");
    assertThat(service.get("/v1/kv/a").body()).isEqualTo(value);
    assertThat(answer(withBody(PUT + "Unknown: x\r\n", value))).startsWith("HTTP/1.1 200 ");
    assertThat(service.get("/v1/kv/a").body()).isEqualTo(value);
    assertThat(STORE.writers()).hasSize(2).last().isEqualTo("worker");
    assertThat(STORE.writers().element().contains("-Loop-")).isEqualTo(size <= 8_000);
  }

  private static String alphabet(int size) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < size; i++) {
      text.append((char) ('a' + (i + i / 26) % 26));
    }
    return text.toString();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 20, 70, 511, 512, 513, 600, 2_000, 5_000})
  void aRequestInTwoPiecesIsDone(int cut) throws Exception {
    String value = alphabet(5_000);
    String request = withBody(PUT, value);
    try (Socket socket = connect()) {
      send(socket, request.substring(0, cut));
      Thread.sleep(50);
      send(socket, request.substring(cut));
      assertThat(readHead(socket)).startsWith("HTTP/1.1 200 ");
    }
    assertThat(service.get("/v1/kv/a").body()).isEqualTo(value);
  }

  /** The first ends where Tomcat's buffer does, or around there. */
  @ParameterizedTest
  @ValueSource(ints = {400, 511, 512, 513, 3_000})
  void allOfSeveralRequestsAtOnceAreDone(int firstSize) throws Exception {
    String head = PUT + "Content-Length: ";
    int room = firstSize - head.length() - "1234\r\n\r\n".length();
    String first = head + "%04d\r\n\r\n".formatted(room) + alphabet(room);
    assertThat(first).hasSize(firstSize);
    try (Socket socket = connect()) {
      send(socket, first + withBody(PUT, "second") + "GET /v1/kv/a HTTP/1.1\r\n" + HOST + "\r\n");
      assertThat(readHead(socket)).startsWith("HTTP/1.1 200 ");
      assertThat(readHead(socket)).startsWith("HTTP/1.1 200 ");
      assertThat(readHead(socket)).startsWith("HTTP/1.1 200 ").contains("Content-Length: 6\r\n");
      assertThat(new String(socket.getInputStream().readNBytes(6), US_ASCII)).isEqualTo("second");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        PUT + "Content-Length: 1\r\nContent-Length: 1\r\n\r\nx",
        PUT + "Content-Length: +1\r\n\r\nx",
        PUT + "Content-Length: 1x\r\n\r\nx",
        PUT + "Content-Length:\r\n\r\nx",
        PUT + "Content-Length: 00001\r\n\r\nx",
        PUT + "\r\n",
        PUT + "Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n",
        PUT + "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n0\r\n\r\n",
        PUT + "Content-Type: none\r\nContent-Length: 1\r\n\r\nx",
        PUT + "Content-Type:\r\nContent-Length: 1\r\n\r\nx",
        PUT + "Content-Type: a/b\r\nContent-Type: a/b\r\nContent-Length: 1\r\n\r\nx",
        PUT + "Content-Encoding: gzip\r\nContent-Length: 1\r\n\r\nx",
        PUT + "Content-Range: bytes 0-1/2\r\nContent-Length: 1\r\n\r\nx",
        PUT + "If-Match: \"0\"\r\nContent-Length: 1\r\n\r\nx",
        PUT + "If-None-Match: *\r\nContent-Length: 1\r\n\r\nx",
        PUT + "Expect: 100-continue\r\nContent-Length: 1\r\n\r\nx",
        PUT + "Connection: close\r\nContent-Length: 1\r\n\r\nx",
        "PUT /v1/kv/a?ttl=100 HTTP/1.1\r\nContent-Length: 1\r\n" + HOST + "\r\nx",
        "PUT /v1/kv/%61 HTTP/1.1\r\nContent-Length: 1\r\n" + HOST + "\r\nx",
        "PUT /v1/kv/ HTTP/1.1\r\nContent-Length: 1\r\n" + HOST + "\r\nx",
        "PUT /v1/kv/a HTTP/1.1\r\nContent-Length: 1\r\n\r\nx",
        "PUT /get/a HTTP/1.1\r\nContent-Length: 1\r\n" + HOST + "\r\nx",
        "GET /v1/kv/a HTTP/1.1\r\nContent-Length: 1\r\n" + HOST + "\r\nx",
      })
  void everythingElseIsDoneByTheServlet(String request) throws Exception {
    String answer = answer(request);

    assertThat(STORE.writers()).allMatch(writer -> writer.equals("worker"));
    int line = request.indexOf("\r\n") + 2;
    assertThat(answer)
        .isEqualTo(answer(request.substring(0, line) + "Unknown: x\r\n" + request.substring(line)));
  }

  @Test
  void aValueThatIsTooLargeIsRefusedByTheServlet(@TempDir Path other) throws Exception {
    try (RunningService narrow = new RunningService(other, null, "--kvs.max-value-bytes=3")) {
      assertThat(narrow.put("/v1/kv/a", "123").statusCode()).isEqualTo(201);
      assertThat(narrow.put("/v1/kv/a", "1234").statusCode()).isEqualTo(413);
    }
  }

  static List<StoreFailure> failures() {
    return List.of(
        new StoreFailure.Busy("busy"),
        new StoreFailure.DiskFull("full"),
        new StoreFailure.NotWritable("stopped", new IOException("broken")),
        new StoreFailure.Frozen(new Freeze("one", "http://other", true)));
  }

  @ParameterizedTest
  @MethodSource("failures")
  void aFailureIsToldAsByTheServlet(StoreFailure failure) throws Exception {
    STORE.commitBy(_ -> CompletableFuture.failedFuture(failure));

    String quick = answer(withBody(PUT, "x"));
    String slow = answer(withBody(PUT + "Unknown: x\r\n", "x"));

    assertThat(STORE.writers()).hasSize(2).first().asString().contains("-Loop-");
    assertThat(quick)
        .startsWith("HTTP/1.1 ")
        .contains("\"code\":")
        .isEqualTo(slow.replace("Connection: close\r\n", ""));
  }

  /** Commits that the test does when it wants to. */
  private static List<Runnable> holdCommits() {
    List<Runnable> held = new ArrayList<>();
    MemoryStore store = new MemoryStore();
    STORE.commitBy(
        transaction -> {
          CompletableFuture<Outcome> answer = new CompletableFuture<>();
          synchronized (held) {
            held.add(() -> answer.complete(store.commit(transaction).join()));
          }
          return answer;
        });
    return held;
  }

  private static void commit(List<Runnable> held, int index) {
    await().until(() -> held.size() > index);
    held.get(index).run();
  }

  private static String readHead(Socket socket) throws IOException {
    StringBuilder head = new StringBuilder();
    InputStream in = socket.getInputStream();
    while (head.indexOf("\r\n\r\n") < 0) {
      int next = in.read();
      if (next < 0) {
        break;
      }
      head.append((char) next);
    }
    return head.toString();
  }

  @Test
  void whatIsSentWhileAWriteIsOnItsWayIsAnsweredAfterIt() throws Exception {
    List<Runnable> held = holdCommits();
    String put = withBody(PUT, "x");
    try (Socket socket = connect()) {
      send(socket, put);
      await().until(() -> held.size() == 1);
      send(socket, "GET /livez HTTP/1.1\r\n" + HOST + "\r\n");
      send(socket, put);
      socket.setSoTimeout(300);
      try {
        assertThat(socket.getInputStream().read()).as("an answer out of turn").isNull();
      } catch (SocketTimeoutException _) {
        socket.setSoTimeout(30_000);
      }

      commit(held, 0);
      assertThat(readHead(socket)).startsWith("HTTP/1.1 201 ");
      assertThat(readHead(socket)).startsWith("HTTP/1.1 200 ");
      commit(held, 1);
      socket.shutdownOutput();
      assertThat(new String(socket.getInputStream().readAllBytes(), US_ASCII))
          .contains("HTTP/1.1 200 ");
    }
  }

  @Test
  void aClientThatLeavesMeanwhileIsForgotten() throws Exception {
    List<Runnable> held = holdCommits();
    try (Socket socket = connect()) {
      send(socket, withBody(PUT, "x"));
      await().until(() -> held.size() == 1);
    }
    commit(held, 0);

    await().until(() -> metric("kvs_http_requests_active") <= 1);
  }

  @Test
  void aClientThatDoesNotReadHoldsUpNobodyAndGetsAllAnswers() throws Exception {
    String put = withBody(PUT, "x");
    try (Socket stuck = new Socket()) {
      stuck.setReceiveBufferSize(4096);
      stuck.setTcpNoDelay(true);
      stuck.setSoTimeout(30_000);
      stuck.connect(new InetSocketAddress("localhost", service.port()));
      int sent = 0;
      do {
        send(stuck, put);
        sent++;
      } while (isWritten(sent));
      assertThat(STORE.writers()).anyMatch(writer -> writer.contains("-Loop-"));

      for (int i = 0; i < 2 * Runtime.getRuntime().availableProcessors(); i++) {
        assertThat(answer(put)).startsWith("HTTP/1.1 200 ");
      }
      for (int i = 0; i < sent; i++) {
        assertThat(readHead(stuck)).startsWith("HTTP/1.1 200 ").endsWith("\r\n\r\n");
      }
    }
  }

  private static boolean isWritten(int puts) {
    assertThat(puts)
        .as("what the server keeps for a client that reads nothing")
        .isLessThan(100_000);
    long deadline = System.nanoTime() + Duration.ofSeconds(2).toNanos();
    while (STORE.writers().size() < puts && System.nanoTime() < deadline) {
      Thread.onSpinWait();
    }
    return STORE.writers().size() >= puts;
  }

  private static double metric(String name) throws Exception {
    return service
        .get("/metrics")
        .body()
        .lines()
        .filter(line -> line.startsWith(name + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void aStoreThatEndsAnswersWhatItHasTaken(@TempDir Path other) throws Exception {
    WatchedStore store = new WatchedStore();
    CompletableFuture<Outcome> answer = new CompletableFuture<>();
    CompletableFuture<Outcome> done = new CompletableFuture<>();
    store.commitBy(
        transaction -> {
          done.complete(new MemoryStore().commit(transaction).join());
          return answer;
        });
    RunningService ending = new RunningService(other, store);
    try (Socket socket = new Socket("localhost", ending.port())) {
      socket.setSoTimeout(30_000);
      send(socket, withBody(PUT, "x"));
      Outcome outcome = done.get();
      Future<?> end = ForkJoinPool.commonPool().submit(ending::close);
      Thread.sleep(500);
      answer.complete(outcome);

      assertThat(readHead(socket)).startsWith("HTTP/1.1 201 ");
      end.get();
    }
  }
}
