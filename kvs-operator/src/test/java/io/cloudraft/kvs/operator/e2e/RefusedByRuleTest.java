package io.cloudraft.kvs.operator.e2e;

import static java.util.Objects.requireNonNull;
import static java.util.Objects.requireNonNullElse;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.core.type.TypeReference;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The examples of {@code rules.yaml}, as the API server judges them. */
@Tag("e2e")
class RefusedByRuleTest {
  @RegisterExtension static final TestNamespace namespace = new TestNamespace("kvs-e2e-rules");

  private record Example(
      String says,
      @Nullable String value,
      @Nullable GenericKubernetesResource before,
      GenericKubernetesResource accepted,
      GenericKubernetesResource refused) {}

  @TestFactory
  Stream<DynamicTest> anExampleOfEach() {
    List<Example> examples =
        new KubernetesSerialization()
            .unmarshal(
                requireNonNull(RefusedByRuleTest.class.getResourceAsStream("/rules.yaml")),
                new TypeReference<>() {});
    return IntStream.range(0, examples.size())
        .mapToObj(
            index ->
                DynamicTest.dynamicTest(
                    examples.get(index).says(),
                    () -> judge(examples.get(index), "example-" + index)));
  }

  @TestFactory
  Stream<DynamicTest> takesWhatEarlierReleasesTook() throws IOException {
    return Stream.concat(
            files("releases").filter(file -> file.toString().contains("/stores/")),
            files("samples"))
        .map(file -> DynamicTest.dynamicTest(file.toString(), () -> isTakenAsItIs(file)));
  }

  private static Stream<Path> files(String folder) throws IOException {
    try (Stream<Path> files = Files.walk(Path.of("src/test/resources", folder))) {
      return files.filter(Files::isRegularFile).sorted().toList().stream();
    }
  }

  /** With each of its fields, as the API server would leave out those that it does not know. */
  private static void isTakenAsItIs(Path file) throws IOException {
    GenericKubernetesResource store =
        Serialization.unmarshal(Files.readString(file), GenericKubernetesResource.class);
    Map<String, Object> spec = new HashMap<>(store.<Map<String, Object>>get("spec"));
    spec.putIfAbsent("replicas", 1);

    assertThat(dryRun(store, "earlier", false).<Map<String, Object>>get("spec")).isEqualTo(spec);
  }

  private static void judge(Example example, String name) {
    GenericKubernetesResource before = example.before();
    if (before == null) {
      judge(example, name, false);
      return;
    }
    GenericKubernetesResource stored = store(before, name);
    stored.getMetadata().setAnnotations(Map.of("kvs.cloudraft.io/paused", "true"));
    stored.getMetadata().setFinalizers(List.of("example.com/is-judged"));
    namespace.live(stored).create();
    try {
      await()
          .atMost(TestNamespace.SECONDS)
          .until(() -> namespace.kvStore(name).require().get("status", "conditions") != null);
      // The operator shall not tell what the claim really has: one that goes is left alone.
      namespace.kvStore(name).delete();
      Object status = before.getAdditionalProperties().get("status");
      if (status != null) {
        namespace.patchStatus("kvstore", name, Serialization.asJson(Map.of("status", status)));
      }
      judge(example, name, true);
    } finally {
      namespace.patch("kvstore", name, "{\"metadata\":{\"finalizers\":null}}");
    }
  }

  private static void judge(Example example, String name, boolean update) {
    assertThatCode(() -> dryRun(example.accepted(), name, update)).doesNotThrowAnyException();
    assertThatThrownBy(() -> dryRun(example.refused(), name, update))
        .isInstanceOfSatisfying(
            KubernetesClientException.class, e -> assertThat(e.getCode()).isEqualTo(422))
        .hasMessageContaining(example.says())
        .hasMessageContaining(requireNonNullElse(example.value(), ""));
  }

  private static GenericKubernetesResource dryRun(
      GenericKubernetesResource example, String name, boolean update) {
    GenericKubernetesResource wanted = store(example, name);
    if (!update) {
      return namespace.live(wanted).dryRun(true).create();
    }
    GenericKubernetesResource live = namespace.kvStore(name).require();
    live.setAdditionalProperty("spec", wanted.getAdditionalProperties().get("spec"));
    live.getMetadata().setResourceVersion(null);
    return namespace.live(live).dryRun(true).update();
  }

  /** What an example leaves out, filled in. */
  private static GenericKubernetesResource store(GenericKubernetesResource example, String name) {
    GenericKubernetesResource whole = Serialization.clone(example);
    whole.setApiVersion(Manifests.API_VERSION);
    whole.setKind("KvStore");
    if (whole.getMetadata() == null) {
      whole.setMetadata(new ObjectMeta());
    }
    if (whole.getMetadata().getName() == null) {
      whole.getMetadata().setName(name);
    }
    whole.getMetadata().setNamespace(namespace.name());
    whole.getMetadata().setUid(null);
    whole.getAdditionalProperties().remove("status");
    return whole;
  }
}
