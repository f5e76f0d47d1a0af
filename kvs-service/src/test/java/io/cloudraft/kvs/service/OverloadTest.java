package io.cloudraft.kvs.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.cloudraft.kvs.service.RawClient.Answer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A process with the heap of a container of 480 MiB, and more clients than it can serve, or worse
 * ones. The figures of docs/performance.md are what these tests log.
 */
class OverloadTest {
  private static final Logger log = LoggerFactory.getLogger(OverloadTest.class);
  private static final String SMALL_HEAP =
      "-Xmx192m -XX:+UseSerialGC -XX:+ExitOnOutOfMemoryError -Djdk.nio.maxCachedBufferSize=65536";

  /** Half of the heap for connections and requests, and an eighth each for bodies and answers. */
  private static final long SHARE_OF_CLIENTS = (96L + 24 + 24) * 1024 * 1024;

  /** What the service says of itself: a second for a processor, five for the disk. */
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(1 + 5);

  @TempDir Path directory;
  private ServiceProcess service;
  private final List<RawClient> clients = new ArrayList<>();

  @BeforeEach
  void start() throws Exception {
    service = startService();
    try (RawClient client = new RawClient(service.port())) {
      assertThat(client.put("/v1/kv/k", "v").status()).isEqualTo(201);
    }
  }

  private ServiceProcess startService() throws IOException {
    ServiceProcess started =
        ServiceProcess.start(directory.resolve("data"), Map.of("JDK_JAVA_OPTIONS", SMALL_HEAP));
    started.awaitStart();
    return started;
  }

  @AfterEach
  void stop() throws IOException {
    for (RawClient client : clients) {
      client.close();
    }
    service.close();
  }

  private void assertAliveAndSilent() throws IOException {
    assertThat(service.isAlive()).isTrue();
    assertThat(service.printed()).as("clients are no failure of the service").isEmpty();
  }

  private double metric(String name) throws IOException {
    try (InputStream metrics = service.uri("/metrics").toURL().openStream()) {
      return new String(metrics.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> line.startsWith(name + " "))
          .mapToDouble(line -> Double.parseDouble(line.substring(name.length())))
          .sum();
    }
  }

  /** Many at the same time, each by a connection of its own that stays open until the end. */
  private List<RawClient> connect(int count) throws Exception {
    List<RawClient> connected =
        all(IntStream.range(0, count).mapToObj(i -> new RawClientCall(service.port())).toList());
    clients.addAll(connected);
    return connected;
  }

  private record RawClientCall(int port) implements Callable<RawClient> {
    @Override
    public RawClient call() throws IOException {
      return new RawClient(port);
    }
  }

  private static <T> List<T> all(List<? extends Callable<T>> calls) throws Exception {
    List<T> results = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Future<T> future : threads.invokeAll(calls)) {
        results.add(future.get());
      }
    }
    return results;
  }

  private static <T> Callable<T> call(Callable<T> call) {
    return call;
  }

  /** Whoever asks for what is answered at once is answered; in nanoseconds. */
  private List<Long> serveOthers(int times) throws IOException {
    List<Long> latencies = new ArrayList<>();
    try (RawClient client = new RawClient(service.port())) {
      for (int i = 0; i < times; i++) {
        long start = System.nanoTime();
        assertThat(client.get("/v1/kv/k").status()).isEqualTo(200);
        long read = System.nanoTime();
        assertThat(client.put("/v1/kv/other", "x").status()).isIn(200, 201);
        latencies.add(read - start);
        latencies.add(System.nanoTime() - read);
      }
    }
    return latencies;
  }

  private static Duration p99(List<Long> nanos) {
    long[] sorted = nanos.stream().mapToLong(Long::longValue).sorted().toArray();
    return Duration.ofNanos(sorted[(int) (sorted.length * 0.99)]);
  }

  /**
   * 2,000 bodies that come byte by byte, headers that do, and clients that do not read: they fit
   * into the memory, all are cut off, and others are served meanwhile.
   */
  @Test
  void cutsOffWhoIsSlowAndServesOthersMeanwhile() throws Exception {
    putWhatNoBufferHolds();
    long before = service.heapInUse();
    List<RawClient> bodies = connect(2000);
    List<RawClient> headers = connect(100);
    for (int i = 0; i < 4; i++) {
      RawClient deaf = RawClient.withSmallWindow(service.port());
      clients.add(deaf);
      deaf.send("GET /v1/export HTTP/1.1\r\nHost: x\r\n\r\n");
    }
    long start = System.nanoTime();
    for (RawClient client : headers) {
      client.send("GET /v1/kv/k HTTP/1.1\r\nHost: x\r\nX-Slow: ");
    }
    await().until(() -> metric("kvs_http_requests_active") > headers.size());
    for (RawClient client : bodies) {
      client.send("PUT /v1/kv/slow HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\nx");
    }
    long held = service.heapInUse() - before;
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        Drip drip = new Drip(bodies, headers)) {
      threads.execute(drip);
      List<Future<Answer>> cutOff =
          Stream.concat(bodies.stream(), headers.stream())
              .map(client -> threads.submit(client::read))
              .toList();
      List<Long> latencies = new ArrayList<>();
      while (cutOff.stream().anyMatch(answer -> !answer.isDone())) {
        latencies.addAll(serveOthers(20));
      }
      Duration took = Duration.ofNanos(System.nanoTime() - start);
      Map<String, Integer> statuses = new TreeMap<>();
      for (int i = 0; i < cutOff.size(); i++) {
        Answer answer = cutOff.get(i).get();
        assertThat(answer.head()).contains("Connection: close");
        statuses.merge((i < 2000 ? "body " : "headers ") + answer.status(), 1, Integer::sum);
      }
      log.info(
          "slow clients: {}, {} MiB of the heap, all cut off after {} s; others meanwhile: {} requests, p99 {} ms",
          statuses,
          held >> 20,
          took.toSeconds(),
          latencies.size(),
          p99(latencies).toMillis());
      assertThat(statuses)
          .containsKeys("body 408", "body 429")
          .containsEntry("headers 408", headers.size())
          .hasEntrySatisfying("body 408", count -> assertThat(count).isGreaterThan(100));
      assertThat(held).isLessThan(SHARE_OF_CLIENTS);
    }
    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(
            () -> {
              assertThat(metric("kvs_http_connections")).as("but that which asks").isEqualTo(1);
              assertThat(metric("kvs_http_requests_active")).isEqualTo(1);
            });
    assertAliveAndSilent();
  }

  private void putWhatNoBufferHolds() throws IOException {
    try (RawClient client = new RawClient(service.port())) {
      for (int i = 0; i < 40; i++) {
        assertThat(client.put("/v1/kv/large-" + i, "x".repeat(1024 * 1024)).status())
            .isEqualTo(201);
      }
    }
  }

  /** Has each client send one byte now and then. */
  private static final class Drip implements Runnable, AutoCloseable {
    private final List<RawClient> bodies;
    private final List<RawClient> headers;
    private final CountDownLatch closed = new CountDownLatch(1);

    Drip(List<RawClient> bodies, List<RawClient> headers) {
      this.bodies = bodies;
      this.headers = headers;
    }

    @Override
    public void run() {
      try {
        while (!closed.await(2, TimeUnit.SECONDS)) {
          Stream.concat(bodies.stream(), headers.stream()).forEach(client -> client.trySend("x"));
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    @Override
    public void close() {
      closed.countDown();
    }
  }

  /** Once its body counted as headers for as long as it came, which have no pace to keep. */
  @Test
  void cutsOffASlowBodyAlsoWhenItsHeadersCameInParts() throws Exception {
    List<RawClient> split = connect(1);
    RawClient client = split.getFirst();
    client.send("PUT /v1/kv/slow HTTP/1.1\r\n");
    await().until(() -> metric("kvs_http_requests_active") > 1);
    client.send("Host: x\r\nContent-Length: 1000000\r\n\r\n");
    long start = System.nanoTime();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        Drip drip = new Drip(split, List.of())) {
      threads.execute(drip);

      Answer answer = threads.submit(client::read).get(30, TimeUnit.SECONDS);

      assertThat(answer.status()).isEqualTo(408);
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(20));
    }
    assertAliveAndSilent();
  }

  @Test
  void keepsTenThousandIdleConnections() throws Exception {
    assertThat(serveOthers(500)).isNotEmpty();
    long before = service.heapInUse();
    List<Long> unloaded = serveOthers(500);
    int idle = 10_000;
    for (int i = 0; i < idle; i += 500) {
      all(connect(500).stream().map(client -> call(() -> client.get("/v1/kv/k"))).toList())
          .forEach(answer -> assertThat(answer.status()).isEqualTo(200));
    }
    long each = (service.heapInUse() - before) / idle;
    List<Long> loaded = serveOthers(500);
    log.info(
        "{} idle connections: {} bytes of the heap each; p99 of others {} us, without them {} us",
        idle,
        each,
        p99(loaded).toNanos() / 1000,
        p99(unloaded).toNanos() / 1000);

    assertThat(each).as("as Admission counts them").isLessThan(5 * 1024);
    for (RawClient client : clients.subList(0, 100)) {
      assertThat(client.get("/v1/kv/k").status()).isEqualTo(200);
    }
    assertAliveAndSilent();
  }

  /** What was noticed once: all of them together did not fit into the heap. */
  @Test
  void boundsStuckConnectionsBesideTenThousandWatches() throws Exception {
    for (int i = 0; i < 10_000; i += 100) {
      List<RawClient> watches = connect(100);
      for (RawClient watch : watches) {
        watch.send("GET /v1/watch?key=k HTTP/1.1\r\nHost: x\r\n\r\n");
      }
      for (RawClient watch : watches) {
        assertThat(watch.readHead().status()).isEqualTo(200);
      }
    }
    List<RawClient> stuck = connect(2000);
    for (int i = 0; i < stuck.size(); i++) {
      stuck
          .get(i)
          .trySend(
              i % 2 == 0
                  ? "PUT /v1/kv/slow HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\nx"
                  : "GET /v1/kv/k HTTP/1.1\r\nHost: x\r\nX-Slow: ");
    }
    await().until(() -> metric("kvs_http_requests_active") < 100);
    List<Long> latencies = serveOthers(500);
    log.info(
        "10000 watches and 2000 stuck connections: heap {} MiB in use, p99 of others {} ms",
        service.heapInUse() >> 20,
        p99(latencies).toMillis());
    assertAliveAndSilent();
  }

  /**
   * Many times as many writers as may wait: the rest hears so at once, and who is let in is served.
   */
  @Test
  void refusesEarlyWhatIsTooMuch() throws Exception {
    write(64, Duration.ofSeconds(3));
    Load normal = write(256, Duration.ofSeconds(3));
    Load overload = write(2600, Duration.ofSeconds(5));
    log.info("256 writers: {}; 2600 writers: {}", normal, overload);

    assertThat(normal.refused()).isEmpty();
    assertThat(overload.refused()).isNotEmpty();
    assertThat(p99(overload.accepted())).isLessThan(LONGEST_WAIT);
    assertThat(p99(overload.refused())).isLessThan(LONGEST_WAIT);
    // Refusing costs something, too; but not so much that nothing else is done.
    assertThat(overload.perSecond()).isGreaterThan(0.1 * normal.perSecond());
    assertAliveAndSilent();
  }

  /** Bodies that had begun to arrive when it was told to end, and an export that was being read. */
  @Test
  void finishesWhatItAcceptedBeforeItEnds() throws Exception {
    putWhatNoBufferHolds();
    RawClient export = new RawClient(service.port());
    clients.add(export);
    export.send("GET /v1/export HTTP/1.1\r\nHost: x\r\n\r\n");
    assertThat(export.readHead().status()).isEqualTo(200);
    List<RawClient> writers = connect(100);
    for (int i = 0; i < writers.size(); i++) {
      writers
          .get(i)
          .send(
              "PUT /v1/kv/w%d HTTP/1.1\r\nHost: x\r\nContent-Length: 20\r\n\r\n0123456789"
                  .formatted(i));
    }
    await()
        .untilAsserted(
            () ->
                assertThat(metric("kvs_http_requests_active"))
                    .as("of writers, of the export, and of this")
                    .isEqualTo(writers.size() + 2));
    int port = service.port();
    service.terminate();
    long start = System.nanoTime();
    await()
        .untilAsserted(
            () -> assertThatThrownBy(() -> new RawClient(port)).isInstanceOf(IOException.class));
    for (RawClient writer : writers) {
      writer.send("0123456789");
    }
    for (RawClient writer : writers) {
      assertThat(writer.read().status()).isEqualTo(201);
    }
    assertThat(export.countToTheEnd()).isGreaterThan(40L * 1024 * 1024);
    assertThat(service.exitCode()).as("as a process ends on SIGTERM").isEqualTo(143);
    log.info(
        "{} writes and an export were finished and the process ended {} ms after SIGTERM",
        writers.size(),
        (System.nanoTime() - start) / 1_000_000);

    service = startService();
    assertThat(service.keys()).isEqualTo(1 + 40 + writers.size());
  }

  /** Latencies in nanoseconds of what many clients did. */
  private record Load(List<Long> accepted, List<Long> refused, Duration time) {
    double perSecond() {
      return accepted.size() / (double) time.toMillis() * 1000;
    }

    @Override
    public String toString() {
      return "%.0f/s accepted, p99 %d ms; %d refused%s"
          .formatted(
              perSecond(),
              p99(accepted).toMillis(),
              refused.size(),
              refused.isEmpty() ? "" : ", p99 " + p99(refused).toMillis() + " ms");
    }
  }

  /** Each writes again as soon as it was answered; who is refused, comes back after a moment. */
  private Load write(int writers, Duration time) throws Exception {
    List<Long> accepted = new ArrayList<>();
    List<Long> refused = new ArrayList<>();
    long end = System.nanoTime() + time.toNanos();
    List<Callable<Void>> calls = new ArrayList<>();
    for (int w = 0; w < writers; w++) {
      int writer = w;
      calls.add(
          () -> {
            RawClient client = new RawClient(service.port());
            try {
              while (System.nanoTime() < end) {
                long start = System.nanoTime();
                Answer answer = client.put("/v1/kv/w" + writer, "x".repeat(100));
                long took = System.nanoTime() - start;
                boolean done = answer.status() / 100 == 2;
                assertThat(answer.status()).isIn(200, 201, 429, 503);
                synchronized (accepted) {
                  (done ? accepted : refused).add(took);
                }
                if (!done) {
                  assertThat(answer.head()).contains("Retry-After: 1");
                  LockSupport.parkNanos(Duration.ofMillis(200).toNanos());
                }
                if (answer.head().contains("Connection: close")) {
                  client.close();
                  client = new RawClient(service.port());
                }
              }
            } finally {
              client.close();
            }
            return null;
          });
    }
    all(calls);
    return new Load(accepted, refused, time);
  }
}
