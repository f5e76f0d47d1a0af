package io.cloudraft.kvs.operator.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whatever was done to a spec, valid or not: when it is undone, the store is as if it had just been
 * created.
 */
@Tag("e2e")
class RandomMutationsTest {
  @RegisterExtension static final TestNamespace namespace = new TestNamespace("kvs-e2e-mutations");

  private static final Logger log = LoggerFactory.getLogger(RandomMutationsTest.class);
  private static final long SEED = Long.getLong("seed", new Random().nextLong());
  private static final int STORES = 12;
  private static final int MUTATIONS = 8;

  @Test
  void leaveNoTraceWhenUndone() {
    log.info("-Dseed={} makes the same again", SEED);
    Random random = new Random(SEED);
    Specs specs = new Specs(random);
    Map<String, String> originals = new TreeMap<>();
    for (int store = 0; store < STORES; store++) {
      String spec = store == 0 ? "{replicas: 0}" : specs.valid();
      originals.put("store-" + store + "-mutated", spec);
      namespace.apply("store-" + store + "-mutated", spec);
      namespace.apply("store-" + store + "-fresh", spec);
    }
    originals.keySet().forEach(namespace::untilStopped);
    originals.keySet().forEach(store -> namespace.untilStopped(fresh(store)));

    int accepted = 0;
    int refused = 0;
    List<String> done = new ArrayList<>();
    for (int mutation = 0; mutation < MUTATIONS; mutation++) {
      for (String store : originals.keySet()) {
        String spec = random.nextInt(3) == 0 ? specs.invalid() : specs.valid();
        done.add(store + " " + spec);
        try {
          namespace.apply(store, spec);
          accepted++;
        } catch (KubernetesClientException e) {
          // What has one key twice cannot be merged: an error of its own, says the API server.
          assertThat(e.getCode())
              .as("%s: %s", spec, e.getMessage())
              .isEqualTo(
                  String.valueOf(e.getMessage()).contains("failed to create typed patch object")
                      ? 500
                      : 422);
          refused++;
        }
      }
      await().pollDelay(Duration.ofMillis(random.nextInt(1500))).until(() -> true);
    }
    log.info("{} mutations were accepted, {} refused", accepted, refused);
    assertThat(accepted).isPositive();
    assertThat(refused).isPositive();

    originals.forEach(namespace::apply);
    originals
        .keySet()
        .forEach(
            store ->
                await("%s of seed %d after %s".formatted(store, SEED, of(store, done)))
                    .atMost(Duration.ofMinutes(1))
                    .untilAsserted(
                        () ->
                            assertThat(EndState.of(namespace, store))
                                .isEqualTo(EndState.of(namespace, fresh(store)))));
  }

  private static String fresh(String store) {
    return store.replace("-mutated", "-fresh");
  }

  private static List<String> of(String store, List<String> done) {
    return done.stream().filter(mutation -> mutation.startsWith(store + " ")).toList();
  }
}
