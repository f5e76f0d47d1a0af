package io.cloudraft.kvs.operator.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The commands of docs/engines.md, from RocksDB to Etcd and back, while clients write. */
@Tag("e2e")
class MigrationTest {
  @RegisterExtension static final TestNamespace namespace = new TestNamespace("kvs-e2e-migration");

  private static final Path PAGE = Path.of("../docs/engines.md");
  private static final int CLIENTS = 3;

  @BeforeAll
  static void startEtcd() {
    Command.kubectl("apply", "-n", namespace.name(), "-f", "../config/samples/etcd/cluster.yaml");
    Command.kubectl(
        "rollout", "status", "-n", namespace.name(), "statefulset/etcd", "--timeout=3m");
  }

  @Test
  void losesNothingThatWasAcknowledgedOnTheWayToEtcdAndBack() throws InterruptedException {
    namespace.apply("demo", "{}");
    StoreClient store = namespace.untilReady("demo");
    var page =
        new DocumentedCommands(
            PAGE,
            Map.of(
                "## From one engine to the other",
                "kubectl config set-context --current --namespace=" + namespace.name() + "\n"),
            script -> script);
    assertThat(page.blocks()).isEqualTo(3);
    Map<String, String> acknowledged = new ConcurrentHashMap<>();
    AtomicBoolean stop = new AtomicBoolean();
    try (ExecutorService clients = Executors.newFixedThreadPool(CLIENTS)) {
      for (int i = 0; i < CLIENTS; i++) {
        String client = "client-" + i + "-";
        clients.execute(
            () -> {
              for (int n = 0; !stop.get(); n++) {
                write(store, client + n % 500, "value-" + n, acknowledged);
              }
            });
      }
      try {
        await().atMost(TestNamespace.UNTIL_READY).until(() -> acknowledged.size() > 300);
        page.run();
      } finally {
        stop.set(true);
      }
    }

    assertThat(store.get("/v1/capabilities").body()).contains("\"etcd\"");
    var frozen = store.set("another", "value");
    assertThat(frozen.statusCode()).isEqualTo(503);
    assertThat(frozen.body()).contains("was moved to http://demo-rocksdb:8000");
    StoreClient moved = namespace.untilReady("demo-rocksdb");
    assertThat(moved.get("/v1/capabilities").body()).contains("\"RocksDB\"");
    acknowledged.forEach(
        (key, value) -> assertThat(moved.get("/get/" + key).body()).as(key).isEqualTo(value));
    assertThat(moved.set("another", "value").statusCode()).isEqualTo(200);
  }

  /** A write that was not acknowledged may have been done all the same: its key is given up. */
  private static void write(
      StoreClient store, String key, String value, Map<String, String> acknowledged) {
    try {
      var answer = store.set(key, value);
      if (answer.statusCode() == 200) {
        acknowledged.put(key, value);
      } else if (answer.body().contains("may have been done")
          || !answer.body().startsWith("{\"error\"")) {
        acknowledged.remove(key);
      }
    } catch (UncheckedIOException e) {
      acknowledged.remove(key);
    }
  }
}
