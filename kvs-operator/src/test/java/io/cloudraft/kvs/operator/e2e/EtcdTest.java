package io.cloudraft.kvs.operator.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A store of several replicas, over the etcd of config/samples/etcd. */
@Tag("e2e")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class EtcdTest {
  @RegisterExtension static final TestNamespace namespace = new TestNamespace("kvs-e2e-etcd");

  private static final String LOST = "read something else than was acknowledged: ";
  private static final Path SAMPLES = Path.of("../config/samples/etcd");

  @BeforeAll
  static void startEtcd() {
    apply("cluster.yaml");
    Command.kubectl(
        "rollout", "status", "-n", namespace.name(), "statefulset/etcd", "--timeout=3m");
    apply("kvstore.yaml");
  }

  private static void apply(String sample) {
    Command.kubectl("apply", "-n", namespace.name(), "-f", SAMPLES.resolve(sample).toString());
  }

  @Test
  @Order(1)
  void isServedByReplicasWithoutAVolume() {
    StoreClient store = namespace.untilReady("demo");

    assertThat(store.set("key", "value").statusCode()).isEqualTo(200);
    assertThat(store.get("/get/key").body()).isEqualTo("value");
    assertThat(store.get("/v1/capabilities").body()).contains("\"etcd\"");
    assertThat(namespace.kvStore("demo").require().<String>get("status", "engine"))
        .isEqualTo("Etcd");
    assertThat(pods()).hasSize(2);
    assertThat(
            namespace
                .client()
                .persistentVolumeClaims()
                .inNamespace(namespace.name())
                .withName("demo-data")
                .get())
        .isNull();
    assertThat(budget().getStatus().getDisruptionsAllowed()).isEqualTo(1);
  }

  @Test
  @Order(2)
  void rollsWithoutAFailedRequest() throws InterruptedException {
    StoreClient store = namespace.untilReady("demo");
    List<String> before = uids();

    Queue<String> failures =
        whileWritingAndReading(
            store,
            () -> {
              namespace.apply("demo", spec(2, "podTemplate: {annotations: {roll: now}}"));
              namespace.untilReady("demo");
              assertThat(uids()).doesNotContainAnyElementsOf(before);
            });

    assertThat(failures).isEmpty();
  }

  @Test
  @Order(3)
  void goesOnWhileAMemberOfEtcdIsReplaced() throws InterruptedException {
    StoreClient store = namespace.untilReady("demo");

    whileWritingAndReading(
        store,
        () -> {
          Command.kubectl(
              "delete", "pod", "-n", namespace.name(), "etcd-0", "--grace-period=0", "--force");
          await("the store to answer without one of three members")
              .atMost(Duration.ofSeconds(30))
              .until(() -> store.set("meanwhile", "value").statusCode() == 200);
          Command.kubectl(
              "rollout", "status", "-n", namespace.name(), "statefulset/etcd", "--timeout=3m");
        });

    assertThat(namespace.pod("demo").getStatus().getContainerStatuses().getFirst())
        .returns(0, container -> container.getRestartCount());
  }

  @Test
  @Order(4)
  void isScaledAndHasABudgetOnlyWhereItHasMoreThanOnePod() {
    Command.kubectl("scale", "-n", namespace.name(), "kvstore/demo", "--replicas=1");
    namespace.untilReady("demo");
    await("the budget to go").atMost(TestNamespace.SECONDS).until(() -> budget() == null);

    Command.kubectl("scale", "-n", namespace.name(), "kvstore/demo", "--replicas=3");
    StoreClient store = namespace.untilReady("demo");
    assertThat(pods()).hasSize(3);
    assertThat(store.get("/get/key").body()).isEqualTo("value");
    assertThat(budget()).isNotNull();
  }

  @Test
  @Order(5)
  void saysThatARolloutIsStuckWhileThePodsFromBeforeAnswer() {
    StoreClient store = namespace.untilReady("demo");

    namespace.apply("demo", spec(3, "image: 'localhost:1/none:1'"));
    namespace.untilSays("demo", "Stalled", "ImageNotPulled", "localhost:1/none:1", "spec.image");
    assertThat(store.get("/get/key").body()).isEqualTo("value");

    namespace.apply("demo", spec(3, "podTemplate: {annotations: {roll: again}}"));
    namespace.untilReady("demo");
    assertThat(store.get("/get/key").body()).isEqualTo("value");
  }

  /**
   * Has a client set a new key and read it back, all the time.
   *
   * @return what did not go as it should
   */
  private static Queue<String> whileWritingAndReading(StoreClient store, Runnable disturbance)
      throws InterruptedException {
    Queue<String> failures = new ConcurrentLinkedQueue<>();
    Map<String, String> acknowledged = new ConcurrentHashMap<>();
    AtomicBoolean stop = new AtomicBoolean();
    try (ExecutorService clients = Executors.newFixedThreadPool(4)) {
      for (int client = 0; client < 4; client++) {
        String prefix = "client-%d-%d-".formatted(client, System.nanoTime());
        clients.execute(
            () -> {
              for (int n = 0; !stop.get(); n++) {
                writeAndRead(store, prefix + n, acknowledged, failures);
                // Leaves processors to what is to start.
                LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
              }
            });
      }
      try {
        await().atMost(TestNamespace.UNTIL_READY).until(() -> acknowledged.size() > 50);
        disturbance.run();
        int size = acknowledged.size();
        await().atMost(TestNamespace.UNTIL_READY).until(() -> acknowledged.size() > size + 50);
      } finally {
        stop.set(true);
      }
    }
    assertThat(failures).noneMatch(failure -> failure.startsWith(LOST));
    acknowledged.forEach(
        (key, value) -> assertThat(store.get("/get/" + key).body()).isEqualTo(value));
    return failures;
  }

  private static void writeAndRead(
      StoreClient store, String key, Map<String, String> acknowledged, Queue<String> failures) {
    try {
      var set = store.set(key, key);
      if (set.statusCode() != 200) {
        failures.add("set: %d %s".formatted(set.statusCode(), set.body()));
        return;
      }
      acknowledged.put(key, key);
      var get = store.get("/get/" + key);
      if (get.statusCode() == 404 || (get.statusCode() == 200 && !get.body().equals(key))) {
        failures.add(LOST + get.body());
      } else if (get.statusCode() != 200) {
        failures.add("get: %d %s".formatted(get.statusCode(), get.body()));
      }
    } catch (UncheckedIOException e) {
      failures.add(e.toString());
    }
  }

  private static String spec(int replicas, String more) {
    return """
        {replicas: %d, engine: {type: Etcd, etcd: {endpoints: ["http://etcd-0.etcd:2379", "http://etcd-1.etcd:2379", "http://etcd-2.etcd:2379"]}}, %s}"""
        .formatted(replicas, more);
  }

  private static List<Pod> pods() {
    return namespace
        .client()
        .pods()
        .inNamespace(namespace.name())
        .withLabel("kvs.cloudraft.io/store", "demo")
        .list()
        .getItems()
        .stream()
        .filter(pod -> pod.getMetadata().getDeletionTimestamp() == null)
        .toList();
  }

  private static List<String> uids() {
    return pods().stream().map(pod -> pod.getMetadata().getUid()).toList();
  }

  private static PodDisruptionBudget budget() {
    return namespace
        .client()
        .policy()
        .v1()
        .podDisruptionBudget()
        .inNamespace(namespace.name())
        .withName("demo")
        .get();
  }
}
