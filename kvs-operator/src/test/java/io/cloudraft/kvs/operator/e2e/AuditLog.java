package io.cloudraft.kvs.operator.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** What the API server was asked, as it wrote down itself. */
record AuditLog(Path file) {
  private static final String OPERATOR = "system:serviceaccount:kvs-system:kvs-operator";
  private static final Set<String> WRITES =
      Set.of("create", "update", "patch", "delete", "deletecollection");

  /** The requests of a user that came in after that moment. */
  List<JsonNode> requestsOf(String user, Instant since) {
    try (Stream<String> lines = Files.lines(file)) {
      return lines
          .filter(line -> line.contains(user))
          .map(line -> Serialization.unmarshal(line, JsonNode.class))
          .filter(event -> event.at("/user/username").asText().equals(user))
          .filter(
              event -> Instant.parse(event.at("/requestReceivedTimestamp").asText()).isAfter(since))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * The operator's writes in the namespaces since then, as verb and path; none where the log cannot
   * be read.
   */
  static List<String> operatorWrites(Instant since, TestNamespace... namespaces) {
    Set<String> names = Set.copyOf(Stream.of(namespaces).map(TestNamespace::name).toList());
    return Environment.auditLog().stream()
        .flatMap(log -> new AuditLog(log).requestsOf(OPERATOR, since).stream())
        .filter(event -> WRITES.contains(event.at("/verb").asText()))
        .filter(event -> names.contains(event.at("/objectRef/namespace").asText()))
        .map(event -> event.at("/verb").asText() + " " + event.at("/requestURI").asText())
        .toList();
  }
}
