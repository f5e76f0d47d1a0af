package io.cloudraft.kvs.service.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.cloudraft.kvs.service.codec.ErrorCode;
import io.cloudraft.kvs.service.engine.memory.MemoryStore;
import io.cloudraft.kvs.service.store.Bytes;
import io.cloudraft.kvs.service.store.Count;
import io.cloudraft.kvs.service.store.Entry;
import io.cloudraft.kvs.service.store.Freeze;
import io.cloudraft.kvs.service.store.Key;
import io.cloudraft.kvs.service.store.Outcome;
import io.cloudraft.kvs.service.store.Page;
import io.cloudraft.kvs.service.store.Revision;
import io.cloudraft.kvs.service.store.Scan;
import io.cloudraft.kvs.service.store.Search;
import io.cloudraft.kvs.service.store.StoreFailure;
import io.cloudraft.kvs.service.store.Transaction;
import io.cloudraft.kvs.service.store.Watch;
import java.io.StringWriter;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

class StoreFailureTest {
  private static final String SET = "{\"key\":\"a\",\"value\":\"1\"}";

  private static StoreFailure frozen() {
    return new StoreFailure.Frozen(new Freeze("one", "http://other", true));
  }

  @TempDir static Path directory;
  private static final FailingStore STORE = new FailingStore();
  private static RunningService service;

  /** Works until it is given a failure. */
  @SuppressWarnings("UnsynchronizedOverridesSynchronized") // the memory has the lock
  private static final class FailingStore extends MemoryStore {
    private volatile @Nullable RuntimeException failure;

    @Override
    public Optional<Entry> get(Key key) {
      failIfAsked();
      return super.get(key);
    }

    @Override
    public CompletableFuture<Outcome> commit(Transaction transaction) {
      RuntimeException asked = failure;
      return asked == null ? super.commit(transaction) : CompletableFuture.failedFuture(asked);
    }

    @Override
    public Page search(Search search) {
      failIfAsked();
      return super.search(search);
    }

    @Override
    public Count count(Bytes prefix, Bytes suffix) {
      failIfAsked();
      return super.count(prefix, suffix);
    }

    @Override
    public Scan scan(Bytes prefix, Bytes suffix) {
      failIfAsked();
      return super.scan(prefix, suffix);
    }

    @Override
    public Watch watch(Bytes prefix, Bytes suffix) {
      failIfAsked();
      return super.watch(prefix, suffix);
    }

    @Override
    public Watch watch(Bytes prefix, Bytes suffix, Revision after) {
      failIfAsked();
      return super.watch(prefix, suffix, after);
    }

    @Override
    public Optional<StoreFailure> refusesWrites() {
      return switch (failure) {
        case StoreFailure.NotWritable stopped -> Optional.of(stopped);
        case StoreFailure.DiskFull full -> Optional.of(full);
        case StoreFailure.Frozen frozen -> Optional.of(frozen);
        case null, default -> Optional.empty();
      };
    }

    private void failIfAsked() {
      RuntimeException asked = failure;
      if (asked != null) {
        throw asked;
      }
    }
  }

  @BeforeAll
  static void start() {
    service = new RunningService(directory, STORE);
  }

  @BeforeEach
  void mend() {
    STORE.failure = null;
  }

  @AfterAll
  static void stop() {
    service.close();
  }

  @Test
  void aFullQueueIs429() throws Exception {
    STORE.failure = new StoreFailure.Busy("many writes are waiting");

    HttpResponse<String> answer = service.set(SET);

    assertThat(answer.statusCode()).isEqualTo(429);
    assertThat(answer.headers().firstValue("Retry-After")).contains("1");
    assertThat(answer.body()).isEqualTo("{\"error\":\"many writes are waiting\"}");
  }

  @Test
  void aStoreThatTakesNoWritesIs503AndNotReadyButAlive() throws Exception {
    STORE.failure =
        new StoreFailure.NotWritable("its disk failed", new IllegalStateException("secret"));

    HttpResponse<String> answer = service.set(SET);

    assertThat(answer.statusCode()).isEqualTo(503);
    assertThat(answer.headers().firstValue("Retry-After")).contains("10");
    assertThat(answer.body()).contains("its disk failed").doesNotContain("secret");
    assertThat(service.get("/readyz").statusCode()).isEqualTo(503);
    assertThat(service.get("/readyz").body()).contains("its disk failed");
    assertThat(service.get("/livez").statusCode()).isEqualTo(200);
    assertThat(service.get("/metrics").body()).contains("kvs_writable 0.0");
  }

  /** Its readers would be cut off otherwise. */
  @Test
  void aStoreWhoseDiskIsFullStaysReadyAndSaysSo() throws Exception {
    STORE.failure = new StoreFailure.DiskFull("12 bytes are free");

    assertThat(service.set(SET).statusCode()).isEqualTo(503);
    assertThat(service.get("/readyz").statusCode()).isEqualTo(200);
    assertThat(service.get("/readyz").body())
        .isEqualTo("{\"ready\":true,\"refusesWrites\":\"12 bytes are free\"}");
    assertThat(service.get("/metrics").body()).contains("kvs_writable 0.0", "kvs_disk_full 1.0");
  }

  /** Reads go on until clients have another store. */
  @Test
  void aStoreThatIsFrozenStaysReadyAndSaysSo() throws Exception {
    STORE.failure = frozen();

    assertThat(service.set(SET).statusCode()).isEqualTo(503);
    assertThat(service.get("/readyz").statusCode()).isEqualTo(200);
    assertThat(service.get("/readyz").body())
        .contains("\"ready\":true", "moved to http://other, and takes no writes any more");
    assertThat(service.get("/metrics").body())
        .contains("kvs_writable 0.0", "kvs_disk_full 0.0", "kvs_frozen 1.0");
  }

  @Test
  void aStoreThatIsClosingIs503() throws Exception {
    STORE.failure = new StoreFailure.Closed();

    assertThat(service.get("/get/a").statusCode()).isEqualTo(503);
    assertThat(service.set(SET).statusCode()).isEqualTo(503);
  }

  @Test
  void damagedDataIs500AndSaysSo() throws Exception {
    STORE.failure = new StoreFailure.Damaged("checksum mismatch", new IllegalStateException());

    HttpResponse<String> answer = service.get("/get/a");

    assertThat(answer.statusCode()).isEqualTo(500);
    assertThat(answer.body()).contains("checksum mismatch");
  }

  @Test
  void anythingUnexpectedIs500AndLeaksNothing() throws Exception {
    STORE.failure = new IllegalStateException("secret");

    for (HttpResponse<String> answer :
        List.of(service.get("/get/a"), service.set(SET), service.get("/search"))) {
      assertThat(answer.statusCode()).isEqualTo(500);
      assertThat(answer.body())
          .isEqualTo("{\"error\":\"Internal error; the log of the service has the cause.\"}");
    }
  }

  @Test
  void aFullQueueIsBusyUnderV1() throws Exception {
    STORE.failure = new StoreFailure.Busy("many writes are waiting");

    for (HttpResponse<String> answer :
        List.of(
            service.put("/v1/kv/a", "x"),
            service.delete("/v1/kv/a"),
            service.post("/v1/txn", "{}"))) {
      assertThat(answer.statusCode()).isEqualTo(429);
      assertThat(answer.headers().firstValue("Retry-After")).contains("1");
      assertThat(answer.body())
          .isEqualTo(
              "{\"title\":\"Too Many Requests\",\"status\":429,\"code\":\"busy\",\"detail\":\"many writes are waiting\"}");
    }
  }

  @Test
  void aHistoryThatIsTooShortSaysWhereItBegins() {
    Problem problem =
        Failures.problem(new StoreFailure.Compacted(new Revision(3), new Revision(17)));

    assertThat(problem.code()).isEqualTo(ErrorCode.HISTORY_COMPACTED);
    StringWriter text = new StringWriter();
    try (JsonGenerator json = new JsonFactory().createGenerator(ObjectWriteContext.empty(), text)) {
      problem.writeTo(json);
    }
    assertThat(text.toString())
        .startsWith("{\"title\":\"Gone\",\"status\":410,\"code\":\"history_compacted\",")
        .endsWith(",\"oldest\":17}");
  }

  /** Every other failure of the store, and how each request under /v1 answers it. */
  private static List<Arguments> failures() {
    return List.of(
        arguments(
            new StoreFailure.NotWritable("why", new IllegalStateException("secret")),
            503,
            "not_writable",
            "10"),
        arguments(new StoreFailure.DiskFull("why"), 503, "disk_full", "10"),
        arguments(new StoreFailure.Closed(), 503, "shutting_down", "10"),
        arguments(frozen(), 503, "store_frozen", "10"),
        arguments(new StoreFailure.Unavailable("why"), 503, "unavailable", "1"),
        arguments(new StoreFailure.Denied("why"), 503, "unavailable", "1"),
        arguments(new StoreFailure.OutcomeUnknown("why"), 503, "outcome_unknown", "1"),
        arguments(
            new StoreFailure.Damaged("why", new IllegalStateException("secret")),
            500,
            "damaged",
            ""),
        arguments(new IllegalStateException("secret"), 500, "internal", ""));
  }

  @ParameterizedTest
  @MethodSource("failures")
  void eachFailureHasItsCodeUnderV1(
      RuntimeException failure, int status, String code, String retryAfter) throws Exception {
    STORE.failure = failure;

    for (HttpResponse<String> answer :
        List.of(
            service.get("/v1/kv/a"),
            service.put("/v1/kv/a", "x"),
            service.delete("/v1/kv/a"),
            service.post("/v1/txn", "{}"))) {
      assertThat(answer.statusCode()).isEqualTo(status);
      assertThat(answer.headers().firstValue("Content-Type")).contains("application/problem+json");
      assertThat(answer.headers().firstValue("Retry-After").orElse("")).isEqualTo(retryAfter);
      assertThat(answer.body()).contains("\"code\":\"" + code + "\"").doesNotContain("secret");
    }
  }
}
