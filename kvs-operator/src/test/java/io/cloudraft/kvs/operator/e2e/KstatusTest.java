package io.cloudraft.kvs.operator.e2e;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Every version of a KvStore and its Deployment that there ever was, as kstatus itself judges them,
 * while the store is created, updated, rolled back and deleted: at no moment is a store called
 * Current, or said to be Ready for a generation, whose Deployment is not, for the same spec.
 */
@Tag("e2e")
class KstatusTest {
  @RegisterExtension static final TestNamespace namespace = new TestNamespace("kvs-e2e-kstatus");

  private static final String STORE = "watched";

  /** Its generations, in the order of the story. */
  private static final long CREATED = 1;

  private static final long UPDATED = 2;
  private static final long BROKEN = 3;
  private static final long ROLLED_BACK = 4;
  private static final long DELETED = 5;

  /** A version that was there, and what kstatus makes of it. */
  private record Version(GenericKubernetesResource object, String kstatus) {
    long revision() {
      return Long.parseLong(object.getMetadata().getResourceVersion());
    }

    long generation() {
      return object.getMetadata().getGeneration();
    }

    /** The generation for which the store is said to be Ready. */
    Optional<Long> readyFor() {
      Map<String, Object> ready = TestNamespace.condition(object, "Ready");
      return Optional.ofNullable(ready.get("observedGeneration"))
          .filter(_ -> "True".equals(ready.get("status")))
          .map(generation -> Long.parseLong(generation.toString()));
    }

    /** Each spec of the story asks for another limit, so both objects tell of which it is. */
    String limitAskedFor() {
      return object.get("spec", "limits", "maxValueBytes").toString();
    }

    Optional<String> limitDeployed() {
      List<Map<String, String>> variables =
          object.get("spec", "template", "spec", "containers", 0, "env");
      return variables.stream()
          .filter(variable -> "KVS_MAX_VALUE_BYTES".equals(variable.get("name")))
          .map(variable -> variable.get("value"))
          .findFirst();
    }
  }

  @Test
  void neverCallsCurrentWhatIsNotRolledOut() {
    List<GenericKubernetesResource> stores = new CopyOnWriteArrayList<>();
    List<GenericKubernetesResource> deployments = new CopyOnWriteArrayList<>();
    try (var _ = watch(Manifests.API_VERSION, "KvStore", stores);
        var _ = watch("apps/v1", "Deployment", deployments)) {
      namespace.apply(STORE, "{limits: {maxValueBytes: 1001}}");
      untilKstatus(stores, "Current", CREATED);
      namespace.apply(STORE, "{limits: {maxValueBytes: 1002}}");
      untilKstatus(stores, "Current", UPDATED);
      namespace.apply(STORE, "{limits: {maxValueBytes: 1003}, image: 'localhost:1/none:1'}");
      untilKstatus(stores, "Failed", BROKEN);
      namespace.apply(STORE, "{limits: {maxValueBytes: 1002}}");
      untilKstatus(stores, "Current", ROLLED_BACK);
      namespace.live(namespace.pod(STORE)).delete();
      untilKstatus(stores, "InProgress", ROLLED_BACK);
      untilKstatus(stores, "Current", ROLLED_BACK);
      Command.kubectl(
          "delete", "kvstore", STORE, "-n", namespace.name(), "--cascade=foreground", "--wait");
    }

    List<Version> rollouts = judged(deployments);
    List<Version> versions = judged(stores);
    assertThat(versions.getFirst().kstatus())
        .as("one that nobody looked at")
        .isEqualTo("InProgress");
    Map<Long, String> limits = new HashMap<>();
    for (Version version : versions) {
      limits.put(version.generation(), version.limitAskedFor());
      if (version.kstatus().equals("Current")) {
        assertThat(version.readyFor()).contains(version.generation());
      }
      version
          .readyFor()
          .filter(_ -> !version.kstatus().equals("Terminating"))
          .ifPresent(
              generation ->
                  assertIsRolledOut(version, rollouts, limits.getOrDefault(generation, "")));
    }
    assertChangesItsMindOnlyOnce(versions);
  }

  /** The Deployment, as it was when that version of the store was written. */
  private static void assertIsRolledOut(Version version, List<Version> rollouts, String limit) {
    Version rollout =
        rollouts.stream()
            .filter(seen -> seen.revision() < version.revision())
            .reduce((_, later) -> later)
            .orElseThrow();
    assertThat(rollout.kstatus()).as(differ(version, rollout)).isEqualTo("Current");
    assertThat(rollout.limitDeployed()).as(differ(version, rollout)).contains(limit);
  }

  /** From InProgress to Current, and never to and fro while nothing happens. */
  private static void assertChangesItsMindOnlyOnce(List<Version> versions) {
    Map<Long, List<String>> byGeneration = new TreeMap<>();
    for (Version version : versions) {
      List<String> said =
          byGeneration.computeIfAbsent(version.generation(), _ -> new ArrayList<>());
      if (said.isEmpty() || !said.getLast().equals(version.kstatus())) {
        said.add(version.kstatus());
      }
    }
    assertThat(byGeneration)
        .containsExactly(
            entry(CREATED, List.of("InProgress", "Current")),
            entry(UPDATED, List.of("InProgress", "Current")),
            entry(BROKEN, List.of("InProgress", "Failed")),
            entry(ROLLED_BACK, List.of("InProgress", "Current", "InProgress", "Current")),
            entry(DELETED, List.of("Terminating")));
  }

  private static String differ(Version store, Version rollout) {
    return Serialization.asYaml(store.object()) + "\n" + Serialization.asYaml(rollout.object());
  }

  private static Watch watch(String version, String kind, List<GenericKubernetesResource> seen) {
    return namespace
        .client()
        .genericKubernetesResources(version, kind)
        .inNamespace(namespace.name())
        .watch(
            new Watcher<>() {
              @Override
              public void eventReceived(Action action, GenericKubernetesResource object) {
                seen.add(object);
              }

              @Override
              public void onClose(WatcherException cause) {
                throw new IllegalStateException(
                    "the watch ended, so that versions may be missing", cause);
              }
            });
  }

  /** Waits until the last version that was seen is of that generation and judged so. */
  private static void untilKstatus(
      List<GenericKubernetesResource> stores, String kstatus, long generation) {
    await("generation " + generation + " to be " + kstatus)
        .atMost(TestNamespace.UNTIL_READY)
        .untilAsserted(
            () -> {
              Version last = judged(stores).getLast();
              assertThat(last.kstatus()).as(Serialization.asYaml(last.object())).isEqualTo(kstatus);
              assertThat(last.generation()).isEqualTo(generation);
            });
  }

  /** In the order in which they were stored, each once. */
  private static List<Version> judged(List<GenericKubernetesResource> seen) {
    Set<String> known = new HashSet<>();
    List<GenericKubernetesResource> objects =
        seen.stream()
            .filter(object -> known.add(object.getMetadata().getResourceVersion()))
            .toList();
    List<String> judgements =
        Command.runWith(
                objects.stream().map(Serialization::asJson).collect(joining("\n")),
                Environment.kstatus())
            .lines()
            .toList();
    assertThat(judgements).hasSameSizeAs(objects);
    return Stream.iterate(0, index -> index + 1)
        .limit(objects.size())
        .map(index -> new Version(objects.get(index), judgements.get(index)))
        .sorted(Comparator.comparingLong(Version::revision))
        .toList();
  }
}
