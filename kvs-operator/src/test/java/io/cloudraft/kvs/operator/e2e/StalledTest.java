package io.cloudraft.kvs.operator.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.events.v1.Event;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What will not mend itself is said in a sentence, and in an event; when mended, all is well. */
@Tag("e2e")
class StalledTest {
  @RegisterExtension static final TestNamespace namespace = new TestNamespace("kvs-e2e-stalled");

  @Test
  void imageThatCannotBePulled() {
    namespace.apply("no-image", "{image: 'localhost:1/none:1'}");

    awaitStalled("no-image", "ImageNotPulled", "localhost:1/none:1", "spec.image");
    namespace.apply("no-image", "{}");
    namespace.untilReady("no-image");
    assertThat(events("no-image"))
        .extracting(Event::getType, Event::getReason)
        .containsSubsequence(
            tuple("Normal", "Created"),
            tuple("Warning", "ImageNotPulled"),
            tuple("Normal", "Available"))
        .doesNotHaveDuplicates();
  }

  @Test
  void podsThatCrashWithTheirLastWords() {
    namespace.apply(
        "crashing", "{podTemplate: {env: [{name: JAVA_TOOL_OPTIONS, value: -Xnonsense}]}}");

    awaitStalled(
        "crashing", "PodCrashes", "Container store of pod crashing-", "last words", "-Xnonsense");
    namespace.apply("crashing", "{}");
    namespace.untilReady("crashing");
  }

  @Test
  void claimThatGetsNoVolume() {
    namespace.apply(
        "no-volume", "{storage: {storageClassName: none-such, deletionPolicy: Delete}}");

    awaitStalled("no-volume", "ClaimNotBound", "no-volume-data", "none-such");
  }

  private static void awaitStalled(String store, String reason, String... words) {
    await()
        .atMost(Duration.ofMinutes(2))
        .untilAsserted(
            () ->
                assertThat(TestNamespace.condition(namespace.kvStore(store).require(), "Stalled"))
                    .containsEntry("status", "True")
                    .containsEntry("reason", reason)
                    .extractingByKey("message")
                    .asString()
                    .contains(words));
  }

  private static List<Event> events(String store) {
    return namespace
        .client()
        .events()
        .v1()
        .events()
        .inNamespace(namespace.name())
        .withField("regarding.name", store)
        .list()
        .getItems()
        .stream()
        .filter(event -> "KvStore".equals(event.getRegarding().getKind()))
        .sorted(Comparator.comparing(event -> event.getEventTime().getTime()))
        .toList();
  }
}
