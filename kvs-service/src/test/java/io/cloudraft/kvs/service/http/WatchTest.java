package io.cloudraft.kvs.service.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloudraft.kvs.service.engine.memory.MemoryStore;
import io.cloudraft.kvs.service.http.EventStream.Event;
import io.cloudraft.kvs.service.store.Bytes;
import io.cloudraft.kvs.service.store.Key;
import io.cloudraft.kvs.service.store.Operation;
import io.cloudraft.kvs.service.store.Transaction;
import io.cloudraft.kvs.service.store.Value;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WatchTest {
  @TempDir Path directory;
  private RunningService service;

  @BeforeEach
  void start() {
    service = new RunningService(directory, null, "--kvs.max-watches=3");
  }

  @AfterEach
  void stop() {
    service.close();
  }

  private EventStream watch(String query, String... headers) throws IOException {
    return new EventStream(service.port(), query, headers);
  }

  private void put(String key, String value) throws Exception {
    service.set("{\"key\":\"%s\",\"value\":\"%s\"}".formatted(key, value));
  }

  private static Event next(EventStream stream) throws IOException {
    return Objects.requireNonNull(stream.next());
  }

  private void awaitWatches(int count) {
    Awaitility.await()
        .untilAsserted(
            () ->
                assertThat(service.get("/metrics").body())
                    .contains("kvs_watches %d.0".formatted(count)));
  }

  @Test
  void tellsOfChangesAsTheyHappen() throws Exception {
    put("abc-0", "before");
    try (EventStream stream = watch("?prefix=abc")) {
      assertThat(stream.head())
          .contains(
              "HTTP/1.1 200 ",
              "Content-Type: text/event-stream",
              "Cache-Control: no-store",
              "X-Accel-Buffering: no",
              "X-Content-Type-Options: nosniff");
      assertThat(next(stream)).isEqualTo(new Event("1", null, null, "watching after revision 1"));
      put("abc-1", "one");
      put("xyz-1", "other");
      put("abc-1", "two");

      assertThat(next(stream))
          .isEqualTo(
              new Event(
                  "2",
                  "put",
                  "{\"key\":\"abc-1\",\"type\":\"put\",\"revision\":2,\"created\":2,\"version\":1}",
                  ""));
      assertThat(next(stream))
          .isEqualTo(
              new Event(
                  "4",
                  "put",
                  "{\"key\":\"abc-1\",\"type\":\"put\",\"revision\":4,\"created\":2,\"version\":2}",
                  ""));
    }
  }

  @Test
  void tellsOfThePastWithValues() throws Exception {
    put("a-1", "é\\n\\\"");
    put("b-2", "x");
    put("a-1", "again");
    try (EventStream stream = watch("?suffix=-1&from=1&values=true")) {
      assertThat(next(stream).comment()).isEqualTo("watching after revision 0");
      assertThat(next(stream).data())
          .isEqualTo(
              "{\"key\":\"a-1\",\"type\":\"put\",\"revision\":1,\"created\":1,\"version\":1,\"contentType\":\"text/plain;charset=utf-8\",\"value\":\"é\\n\\\"\"}");
      assertThat(next(stream).data()).contains("\"revision\":3", "\"value\":\"again\"");
    }
  }

  @Test
  void watchesOneKey() throws Exception {
    put("aaa", "");
    put("aa", "");
    try (EventStream stream = watch("?key=aa&from=1")) {
      next(stream);
      assertThat(next(stream).id()).isEqualTo("2");
    }
  }

  @Test
  void resumesAfterTheLastEvent() throws Exception {
    for (int i = 1; i <= 5; i++) {
      put("k" + i, "");
    }
    try (EventStream stream = watch("?from=1", "Last-Event-ID: 3")) {
      assertThat(next(stream)).isEqualTo(new Event("3", null, null, "watching after revision 3"));
      assertThat(next(stream).id()).isEqualTo("4");
      assertThat(next(stream).id()).isEqualTo("5");
    }
  }

  @Test
  void refusesARevisionThatIsNotThereYet() throws Exception {
    put("k", "");

    try (EventStream next = watch("?from=2")) {
      assertThat(next.head().getFirst()).startsWith("HTTP/1.1 200");
    }
    assertThat(service.get("/v1/watch?from=3").body())
        .contains("\"code\":\"malformed\"", "There is no revision 2 yet: the last change has 1.");
  }

  @Test
  void refusesOneWatchTooManyAndTakesTheNextWhenOneIsGone() throws Exception {
    List<EventStream> streams = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      streams.add(watch(""));
    }
    awaitWatches(3);

    var refused = service.get("/v1/watch");
    assertThat(refused.statusCode()).isEqualTo(429);
    assertThat(refused.body()).contains("\"code\":\"too_many_watches\"", "(KVS_MAX_WATCHES)");
    assertThat(refused.headers().firstValue("Retry-After")).contains("1");

    streams.removeFirst().close();
    awaitWatches(2);
    streams.add(watch(""));
    assertThat(streams.getLast().head().getFirst()).startsWith("HTTP/1.1 200");
    for (EventStream stream : streams) {
      stream.close();
    }
    awaitWatches(0);
  }

  /** A refused watch must not keep its place. */
  @Test
  void givesUpThePlaceOfAWatchThatCouldNotBegin() throws Exception {
    for (int i = 0; i < 10; i++) {
      assertThat(service.get("/v1/watch?from=9").statusCode()).isEqualTo(400);
    }

    try (EventStream stream = watch("")) {
      assertThat(stream.head().getFirst()).startsWith("HTTP/1.1 200");
    }
  }

  @Test
  void tellsAndEndsAtOnceWhenTheServiceShutsDown() throws Exception {
    try (EventStream stream = watch("");
        ExecutorService thread = Executors.newSingleThreadExecutor()) {
      next(stream);
      long start = System.nanoTime();
      Future<?> closing = thread.submit(service::close);

      Event end = next(stream);
      assertThat(end.type()).isEqualTo("end");
      assertThat(end.data()).contains("\"code\":\"shutting_down\"", "\"status\":503");
      assertThat(stream.next()).isNull();
      closing.get();
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
    }
  }

  /** Writers go on at full speed; and the place of the one who does not read becomes free. */
  @Test
  void cutsOffWhoDoesNotRead() throws Exception {
    String value = "x".repeat(500_000);
    try (EventStream stalled = watch("?values=true");
        EventStream attentive = watch("")) {
      next(stalled);
      next(attentive);
      for (int i = 0; i < 60; i++) {
        put("k", value);
        assertThat(next(attentive).type()).isEqualTo("put");
      }
      awaitWatches(2);

      Awaitility.await()
          .atMost(Duration.ofSeconds(30))
          .untilAsserted(
              () -> assertThat(service.get("/metrics").body()).contains("kvs_watches 1.0"));
    }
  }

  /** However many watch, others have as many connections as before; and when they are gone too. */
  @Test
  void leavesTheConnectionsOfRequestsToRequests() throws Exception {
    try (RunningService small =
        new RunningService(directory.resolve("small"), null, "--server.tomcat.max-connections=3")) {
      for (int round = 0; round < 2; round++) {
        List<EventStream> streams = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
          streams.add(new EventStream(small.port(), ""));
          next(streams.getLast());
        }
        assertThat(small.rawGet("/livez")).startsWith("HTTP/1.1 200");
        for (EventStream stream : streams) {
          stream.close();
        }
        Awaitility.await()
            .untilAsserted(() -> assertThat(small.rawGet("/metrics")).contains("kvs_watches 0.0"));
      }

      List<Socket> idle = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        idle.add(new Socket("localhost", small.port()));
      }
      Awaitility.await()
          .untilAsserted(() -> assertThat(small.rawGet("/search")).startsWith("HTTP/1.1 503"));
      idle.removeFirst().close();
      Awaitility.await()
          .untilAsserted(() -> assertThat(small.rawGet("/search")).startsWith("HTTP/1.1 200"));
      for (Socket socket : idle) {
        socket.close();
      }
    }
  }

  /** What was told of a transaction before a connection broke is not told again. */
  @Test
  void resumesInTheMiddleOfATransaction() throws Exception {
    try (MemoryStore store = new MemoryStore();
        RunningService service = new RunningService(directory.resolve("other"), store)) {
      store
          .commit(
              Transaction.of(
                  new Operation.Put(Key.of("k1"), Value.text("")),
                  new Operation.Put(Key.of("other"), Value.text("")),
                  new Operation.Put(Key.of("k2"), new Value("a/b", Bytes.wrap(new byte[] {-1}))),
                  new Operation.Put(Key.of("k3"), Value.text(""))))
          .join();
      store.delete(Key.of("k1")).join();
      List<String> ids = new ArrayList<>();
      try (EventStream stream = new EventStream(service.port(), "?prefix=k&from=1&values=true")) {
        next(stream);
        ids.add(next(stream).id());
        Event second = next(stream);
        assertThat(second.data()).contains("\"contentType\":\"a/b\",\"base64\":\"/w==\"");
        ids.add(second.id());
        ids.add(next(stream).id());
        Event deletion = next(stream);
        assertThat(deletion.type()).isEqualTo("delete");
        assertThat(deletion.data())
            .isEqualTo("{\"key\":\"k1\",\"type\":\"delete\",\"revision\":2}");
        ids.add(deletion.id());
      }
      assertThat(ids).containsExactly("1.1", "1.2", "1", "2");

      for (int told = 0; told < ids.size() - 1; told++) {
        try (EventStream stream =
            new EventStream(service.port(), "?prefix=k", "Last-Event-ID: " + ids.get(told))) {
          assertThat(next(stream).id()).isEqualTo(ids.get(told));
          for (String id : ids.subList(told + 1, ids.size())) {
            assertThat(next(stream).id()).as("after %s", ids.get(told)).isEqualTo(id);
          }
        }
      }
    }
  }
}
