package io.cloudraft.kvs.operator.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Isolated;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stores are created, changed, deleted and created again while all goes wrong; what they come to is
 * what they come to where nothing does.
 */
@Tag("e2e")
@Isolated("the installed operator is away")
class HardTimesTest {
  @RegisterExtension static final TestNamespace calm = new TestNamespace("kvs-e2e-calm");
  @RegisterExtension static final TestNamespace killed = new TestNamespace("kvs-e2e-killed");
  @RegisterExtension static final TestNamespace faulty = new TestNamespace("kvs-e2e-faulty");
  @RegisterExtension static final TestNamespace left = new TestNamespace("kvs-e2e-left");

  private static final Logger log = LoggerFactory.getLogger(HardTimesTest.class);
  private static final long SEED = Long.getLong("seed", new Random().nextLong());
  private static final int STORES = 6;
  private static final int STEPS = 40;
  private static final int STEPS_BETWEEN_KILLS = 4;
  private static final Duration UNTIL_CONVERGED = Duration.ofMinutes(2);
  private static final OperatorPod operator = new OperatorPod(calm.client());

  private static Map<String, Map<String, String>> undisturbed = Map.of();

  @BeforeAll
  static void theStoryIsToldUndisturbed() {
    log.info("-Dseed={} tells it again", SEED);
    operator.scale(0);
    await().atMost(TestNamespace.UNTIL_READY).until(() -> operator.all().isEmpty());
    try (OperatorProcess process = process(calm, apiServer())) {
      await("the operator").atMost(UNTIL_CONVERGED).until(() -> process.starts() == 1);
      play(calm, _ -> {});
      await("an end that stays")
          .atMost(UNTIL_CONVERGED)
          .during(Duration.ofSeconds(5))
          .until(
              () -> {
                Map<String, Map<String, String>> before = undisturbed;
                undisturbed = endOf(calm);
                return undisturbed.equals(before) && isSettled(undisturbed);
              });
      assertThat(process.starts()).isOne();
    }
  }

  @AfterAll
  static void theInstalledOperatorIsBack() {
    operator.scale(1);
    await("the operator")
        .atMost(TestNamespace.UNTIL_READY)
        .ignoreExceptions()
        .until(operator::isReady);
  }

  @Test
  void whenTheOperatorIsKilledAgainAndAgain() {
    Random random = new Random(SEED);
    try (OperatorProcess process = process(killed, apiServer())) {
      play(
          killed,
          step -> {
            if (step % STEPS_BETWEEN_KILLS > 0) {
              return;
            }
            int starts = process.starts();
            pause(random.nextInt(400));
            process.killAndStartAgain();
            // Now and then it is killed again, or has to catch up, before it has begun.
            if (random.nextInt(5) > 0) {
              await().atMost(TestNamespace.UNTIL_READY).until(() -> process.starts() > starts);
            }
          });
      assertComesToTheSame(killed);
    }
  }

  @Test
  void whenTheApiServerRefusesBreaksOffAndCutsWatches() throws IOException {
    try (FaultyApiServer proxy = new FaultyApiServer(faulty.client().getConfiguration(), SEED);
        OperatorProcess process = process(faulty, proxy.url())) {
      await("the operator").atMost(UNTIL_CONVERGED).until(() -> process.starts() == 1);
      play(faulty, _ -> {});
      await("each kind of fault").atMost(UNTIL_CONVERGED).until(proxy::hasMadeAll);
      proxy.heal();
      log.info("made faults: {}", proxy.faults());
      assertComesToTheSame(faulty);
      assertThat(process.isAlive()).as(process.said()).isTrue();
      assertThat(process.starts()).as(process.said()).isOne();
    }
  }

  @Test
  void aNamespaceGoesWithItsStoresWhenNoOperatorIsThere() {
    try (OperatorProcess process = process(left, apiServer())) {
      left.apply("one", "{replicas: 0}");
      left.apply("two", "{storage: {deletionPolicy: Delete}}");
      await()
          .atMost(TestNamespace.UNTIL_READY)
          .until(() -> EndState.of(left, "one").size() == EndState.of(left, "two").size());
      assertThat(process.isAlive()).isTrue();
    }
    left.delete();
  }

  private static OperatorProcess process(TestNamespace namespace, String server) {
    return new OperatorProcess(namespace.client(), namespace.name(), server);
  }

  private static String apiServer() {
    return calm.client().getConfiguration().getMasterUrl();
  }

  /** Always the same one: what is done to the stores, one after the other. */
  private static void play(TestNamespace namespace, IntConsumer afterStep) {
    Random random = new Random(SEED);
    Specs specs = new Specs(random);
    for (int step = 0; step < STEPS; step++) {
      String store = "store-" + random.nextInt(STORES);
      boolean goes = random.nextInt(3) == 0;
      if (goes) {
        namespace.kvStore(store).delete();
      }
      if (!goes || random.nextBoolean()) {
        namespace.apply(store, specs.validAndForgetful()); // made anew at once, where it went
      }
      pause(random.nextInt(300));
      afterStep.accept(step);
    }
  }

  private static void assertComesToTheSame(TestNamespace namespace) {
    await("what it came to in %s with seed %d".formatted(namespace.name(), SEED))
        .atMost(UNTIL_CONVERGED)
        .untilAsserted(() -> endOf(namespace).forEach(HardTimesTest::assertUndisturbed));
  }

  private static void assertUndisturbed(String store, Map<String, String> end) {
    Map<String, String> expected = undisturbed.getOrDefault(store, Map.of());
    assertThat(end.keySet())
        .as("%s, of which the KvStore is %s", store, end.get("KvStore"))
        .isEqualTo(expected.keySet());
    end.forEach(
        (kind, text) -> assertThat(text).as("%s of %s", kind, store).isEqualTo(expected.get(kind)));
  }

  private static Map<String, Map<String, String>> endOf(TestNamespace namespace) {
    Map<String, Map<String, String>> end = new TreeMap<>();
    for (int store = 0; store < STORES; store++) {
      String name = "store-" + store;
      end.put(name, EndState.of(namespace, name));
    }
    return end;
  }

  private static boolean isSettled(Map<String, Map<String, String>> end) {
    return end.values().stream()
        .allMatch(
            kinds -> kinds.containsKey("KvStore") ? isAtRest(kinds.get("KvStore")) : isGone(kinds));
  }

  /** Or it stands still with a reason. */
  private static boolean isAtRest(String store) {
    return store.contains("isCurrent: true")
        && (store.contains("ScaledToZero") || store.contains("Refused"));
  }

  /** Kubernetes may take its time to delete what it owned. */
  private static boolean isGone(Map<String, String> left) {
    return left.values().stream().noneMatch(child -> child.contains("kind: \"KvStore\""));
  }

  private static void pause(int millis) {
    await().pollDelay(Duration.ofMillis(millis)).atMost(Duration.ofMinutes(1)).until(() -> true);
  }
}
