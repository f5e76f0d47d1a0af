package io.cloudraft.kvs.operator.resource;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloudraft.kvs.operator.Stores;
import io.cloudraft.kvs.operator.api.KvStore;
import io.cloudraft.kvs.operator.settings.StoreSettings;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What earlier releases made of a KvStore, each kept under {@code releases/}, against what this one
 * makes of it: an upgrade of the operator restarts no store.
 */
class UpgradeTest {
  private static final Path RELEASES = Path.of("src/test/resources/releases");

  /**
   * The stores of each release of which this one changes the pods nevertheless, and why. Whoever
   * upgrades is to read it in the notes of the release.
   */
  private static final Map<String, String> RESTARTED = Map.of();

  static List<Path> stores() throws IOException {
    try (var files = Files.walk(RELEASES)) {
      return files.filter(file -> file.toString().contains("/stores/")).sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("stores")
  void restartsNoStore(Path file) throws IOException {
    var before = deployment(children(file));
    var now = new DeploymentResource(Stores.OPERATOR).desired(settings(file));

    var sample = RELEASES.relativize(file).toString();
    if (RESTARTED.containsKey(sample)) {
      assertThat(template(now))
          .as(sample + " is restarted no longer")
          .isNotEqualTo(template(before));
    } else {
      assertThat(template(now))
          .as(
              "the pods of %s: a change of the template restarts every such store when its operator is upgraded."
                  + " Write a field only where it is asked for; if the change is worth it, add it to RESTARTED.",
              sample)
          .isEqualTo(template(before));
    }
  }

  /**
   * The API server refuses a change of these, and nothing may be left behind under another name.
   */
  @ParameterizedTest
  @MethodSource("stores")
  void keepsWhatCannotChange(Path file) throws IOException {
    var before = children(file);
    var settings = settings(file);

    assertThat(new DeploymentResource(Stores.OPERATOR).desired(settings).getSpec().getSelector())
        .isEqualTo(deployment(before).getSpec().getSelector());
    assertThat(
            ManifestsTest.desired(settings)
                .map(child -> child.getKind() + " " + child.getMetadata().getName()))
        .containsAll(
            before.stream()
                .map(child -> child.getKind() + " " + child.getMetadata().getName())
                .toList());
  }

  private static StoreSettings settings(Path file) throws IOException {
    return StoreSettings.from(
        Serialization.unmarshal(Files.readString(file), KvStore.class), Stores.OPERATOR);
  }

  private static List<HasMetadata> children(Path store) throws IOException {
    var file = Path.of(store.toString().replace("/stores/", "/children/"));
    List<Object> children = new KubernetesSerialization().unmarshal(Files.newInputStream(file));
    return children.stream().map(HasMetadata.class::cast).toList();
  }

  private static Deployment deployment(List<HasMetadata> children) {
    return children.stream()
        .filter(Deployment.class::isInstance)
        .map(Deployment.class::cast)
        .findFirst()
        .orElseThrow();
  }

  private static String template(Deployment deployment) {
    return Serialization.asYaml(deployment.getSpec().getTemplate());
  }
}
