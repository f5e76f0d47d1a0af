package io.cloudraft.kvs.service.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cloudraft.kvs.service.engine.memory.MemoryStore;
import io.cloudraft.kvs.service.store.Consistency;
import io.cloudraft.kvs.service.store.Entry;
import io.cloudraft.kvs.service.store.Key;
import io.cloudraft.kvs.service.store.Metadata;
import io.cloudraft.kvs.service.store.Page;
import io.cloudraft.kvs.service.store.Revision;
import io.cloudraft.kvs.service.store.Search;
import io.cloudraft.kvs.service.store.Value;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HeapShareTest {
  private static final int PAGE_BYTES = 16 * 1024 * 1024;
  private static final int MAX_KEY_BYTES = 1024;
  private static final int MAX_VALUE_BYTES = 1024 * 1024;

  /**
   * Searches hold what they took until a key was read. At first it has a large value and a
   * deadline, and then neither.
   */
  private static final class ChangingStore extends MemoryStore {
    private final AtomicInteger searches = new AtomicInteger();
    private final AtomicInteger reads = new AtomicInteger();
    private final CountDownLatch end = new CountDownLatch(1);

    @Override
    public Page search(Search search, Consistency consistency) {
      searches.incrementAndGet();
      try {
        end.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      return super.search(search, consistency);
    }

    @Override
    public Optional<Entry> get(Key key, Consistency consistency) {
      if (reads.incrementAndGet() == 1) {
        CompletableFuture.delayedExecutor(500, TimeUnit.MILLISECONDS).execute(end::countDown);
        return entry("x".repeat(4 * PAGE_BYTES), 1, Optional.of(Instant.EPOCH.plusSeconds(1)));
      }
      return entry("new", 2, Optional.empty());
    }

    private static Optional<Entry> entry(String text, long revision, Optional<Instant> expires) {
      return Optional.of(
          new Entry(
              Value.text(text),
              new Metadata(new Revision(1), new Revision(revision), revision, expires)));
    }
  }

  private static RunningService service(Path directory, ChangingStore store) {
    return new RunningService(
        directory,
        store,
        "--kvs.max-key-bytes=" + MAX_KEY_BYTES,
        "--kvs.max-value-bytes=" + MAX_VALUE_BYTES);
  }

  private static long share() {
    return Math.min(Integer.MAX_VALUE, Runtime.getRuntime().maxMemory() / 8);
  }

  /** A walk finds all keys up to the limit before it is known how many of them the page shows. */
  @Test
  void aPageOfKeysTakesWhatItsLimitMayFindHoweverLittleItShows(@TempDir Path directory)
      throws Exception {
    ChangingStore store = new ChangingStore();
    long most = share() / (10_001L * (128 + MAX_KEY_BYTES));
    try (RunningService service = service(directory, store);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      ExecutorCompletionService<HttpResponse<String>> searches =
          new ExecutorCompletionService<>(threads);
      for (int i = 0; i <= most; i++) {
        Future<?> _ = searches.submit(() -> service.get("/v1/kv?limit=10000&bytes=1"));
      }
      Future<HttpResponse<String>> refused = searches.poll(20, TimeUnit.SECONDS);
      store.end.countDown();

      assertThat(refused).isNotNull();
      assertThat(refused.get().body()).contains("\"code\":\"busy\"");
      assertThat(store.searches).hasValue((int) most);
    }
  }

  @Test
  void whatIsReadAgainInItsTurnHasNothingOfWhatWasReadBefore(@TempDir Path directory)
      throws Exception {
    ChangingStore store = new ChangingStore();
    long keysAndValue = 2 * (128 + MAX_KEY_BYTES) + MAX_VALUE_BYTES;
    long most = Math.max(1, share() / (PAGE_BYTES + keysAndValue));
    try (RunningService service = service(directory, store);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> searches = new ArrayList<>();
      for (int i = 0; i < most; i++) {
        searches.add(
            threads.submit(() -> service.get("/v1/kv?values=true&limit=1&bytes=" + PAGE_BYTES)));
      }
      await().until(() -> store.searches.get() == most);

      // A header that no loop knows, so that the servlet answers.
      HttpResponse<String> answer = service.get("/v1/kv/k", "Unknown", "x");

      assertThat(store.reads).hasValue(2);
      assertThat(answer.body()).isEqualTo("new");
      assertThat(answer.headers().firstValue("ETag")).contains("\"2\"");
      assertThat(answer.headers().firstValue("Kvs-Expires")).isEmpty();
      for (Future<?> search : searches) {
        search.get();
      }
    }
  }
}
