package io.cloudraft.kvs.operator.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

@Tag("e2e")
class QuietTest {
  @RegisterExtension static final TestNamespace namespace = new TestNamespace("kvs-e2e-quiet");

  private static final String OPERATOR = "system:serviceaccount:kvs-system:kvs-operator";
  private static final Set<String> WRITES =
      Set.of("create", "update", "patch", "delete", "deletecollection");
  private static final Duration A_MINUTE = Duration.ofMinutes(1);

  @Test
  void writesNothingOnceConverged() {
    namespace.apply("plain", "{}");
    // The same amounts as the API server would write in another way.
    namespace.apply(
        "odd",
        "{storage: {size: 1024Mi}, resources: {requests: {cpu: '0.1', memory: 0.5Gi}, limits: {cpu: 1000m, memory: 536870912}}}");
    namespace.untilReady("plain");
    namespace.untilReady("odd");

    Map<String, String> versions = versions();
    Instant converged = Instant.now();
    // Not a wait for something to come, but for a minute in which nothing may.
    await().pollDelay(A_MINUTE).atMost(A_MINUTE.plusSeconds(10)).until(() -> true);

    assertThat(versions()).isEqualTo(versions);
    Environment.auditLog().ifPresent(log -> assertThat(operatorWrites(log, converged)).isEmpty());
  }

  /**
   * The audit log itself is seen to show the operator's writes, or the test above would prove
   * nothing.
   */
  @Test
  void isSeenInTheAuditLogWhenItWrites() {
    Instant start = Instant.now();
    namespace.apply("seen", "{}");
    namespace.untilReady("seen");

    Environment.auditLog()
        .ifPresent(
            log ->
                assertThat(operatorWrites(log, start))
                    .anyMatch(write -> write.contains("deployments/seen")));
  }

  private static Map<String, String> versions() {
    Map<String, String> versions = new TreeMap<>();
    Stream.of("plain", "odd")
        .flatMap(
            store ->
                Stream.<HasMetadata>concat(
                    Children.of(namespace, store), Stream.of(namespace.kvStore(store).require())))
        .forEach(
            found ->
                versions.put(
                    found.getKind() + "/" + found.getMetadata().getName(),
                    found.getMetadata().getResourceVersion()));
    return versions;
  }

  private static List<String> operatorWrites(Path auditLog, Instant since) {
    try (Stream<String> lines = Files.lines(auditLog)) {
      return lines
          .filter(line -> line.contains(OPERATOR))
          .map(line -> Serialization.unmarshal(line, JsonNode.class))
          .filter(event -> event.at("/user/username").asText().equals(OPERATOR))
          .filter(event -> WRITES.contains(event.at("/verb").asText()))
          .filter(
              event -> Instant.parse(event.at("/requestReceivedTimestamp").asText()).isAfter(since))
          .map(event -> event.at("/verb").asText() + " " + event.at("/requestURI").asText())
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
