package io.cloudraft.kvs.operator.resource;

import com.fasterxml.jackson.core.type.TypeReference;
import io.fabric8.openshift.api.model.monitoring.v1.Rule;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;

/** What somebody is told of, or woken for, when Prometheus sees it: {@code alerts.yaml}. */
public final class Alerts {
  private static final String STORE = "$store";
  private static final String TEXT = read();

  private Alerts() {}

  static List<Rule> about(String namespace, String store) {
    return ChildResource.SERIALIZATION.unmarshal(
        text("namespace=\"%s\", kvs_cloudraft_io_store=\"%s\"".formatted(namespace, store)),
        new TypeReference<List<Rule>>() {});
  }

  /** About all stores that a Prometheus knows, as YAML. */
  public static String aboutAll() {
    return text("kvs_cloudraft_io_store!=\"\"");
  }

  /** What a series must have, in the form of a selector of Prometheus. */
  private static String text(String labels) {
    return TEXT.replace(STORE, labels);
  }

  /** Without what it says of itself. */
  private static String read() {
    try (var resource = Objects.requireNonNull(Alerts.class.getResourceAsStream("/alerts.yaml"))) {
      var text = new String(resource.readAllBytes(), StandardCharsets.UTF_8);
      return text.substring(text.indexOf("\n\n") + 2);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
