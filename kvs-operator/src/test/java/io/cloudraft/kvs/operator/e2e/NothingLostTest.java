package io.cloudraft.kvs.operator.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

@Tag("e2e")
class NothingLostTest {
  @RegisterExtension
  static final TestNamespace namespace = new TestNamespace("kvs-e2e-nothing-lost");

  private static final Logger log = LoggerFactory.getLogger(NothingLostTest.class);
  private static final int WRITERS = 8;
  private static final int KILLS = 3;
  private static final int WRITES_BETWEEN_KILLS = 300;

  /** Leaves processors to what is to start, and keys few enough to be read one by one. */
  private static final Duration PAUSE = Duration.ofMillis(10);

  @Test
  void whenTheProcessIsKilledDuringWrites() throws InterruptedException {
    namespace.apply("killed", "{}");
    StoreClient store = namespace.untilReady("killed");
    Map<String, String> acknowledged = new ConcurrentSkipListMap<>();
    AtomicBoolean stop = new AtomicBoolean();

    try (ProcessKiller killer = new ProcessKiller(namespace.client());
        ExecutorService writers = Executors.newFixedThreadPool(WRITERS)) {
      for (int writer = 0; writer < WRITERS; writer++) {
        String prefix = "writer-" + writer + "-";
        writers.execute(() -> write(store, prefix, acknowledged, stop));
      }
      try {
        for (int kill = 0; kill < KILLS; kill++) {
          int before = acknowledged.size();
          await()
              .atMost(TestNamespace.UNTIL_READY)
              .until(() -> acknowledged.size() >= before + WRITES_BETWEEN_KILLS);
          int restarts = restarts();
          killer.kill(namespace.pod("killed"), "java");
          await().atMost(TestNamespace.UNTIL_READY).until(() -> restarts() > restarts);
        }
        int before = acknowledged.size();
        await().atMost(TestNamespace.UNTIL_READY).until(() -> acknowledged.size() > before);
      } finally {
        stop.set(true);
      }
    }

    namespace.untilReady("killed");
    acknowledged.forEach(
        (key, value) -> assertThat(store.get("/get/" + key).body()).isEqualTo(value));
  }

  /**
   * Writes one key after the other; a write without a 200 may or may not have happened, and is not
   * counted.
   */
  private static void write(
      StoreClient store, String prefix, Map<String, String> acknowledged, AtomicBoolean stop) {
    for (int n = 0; !stop.get(); n++) {
      String key = prefix + n;
      try {
        if (store.set(key, "value-" + n).statusCode() == 200) {
          acknowledged.put(key, "value-" + n);
        }
      } catch (UncheckedIOException e) {
        log.debug("not acknowledged: the connection broke with the process at its other end", e);
      }
      LockSupport.parkNanos(PAUSE.toNanos());
    }
  }

  private static int restarts() {
    return namespace.pod("killed").getStatus().getContainerStatuses().getFirst().getRestartCount();
  }
}
