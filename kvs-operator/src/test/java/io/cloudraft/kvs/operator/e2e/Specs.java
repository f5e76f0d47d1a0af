package io.cloudraft.kvs.operator.e2e;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;

/**
 * Specs made at random of the examples of {@code rules.yaml}, so that each new field with a rule
 * takes part.
 */
final class Specs {
  private static final List<Map<String, JsonNode>> EXAMPLES =
      new KubernetesSerialization()
          .unmarshal(
              requireNonNull(Specs.class.getResourceAsStream("/rules.yaml")),
              new TypeReference<>() {});

  private static final List<JsonNode> ACCEPTED = specs("accepted");
  private static final List<JsonNode> REFUSED = specs("refused");

  private final Random random;

  Specs(Random random) {
    this.random = random;
  }

  /** As YAML, of a store without pods: what is compared is there in seconds then. */
  String valid() {
    return Serialization.asJson(merged(ACCEPTED).put("replicas", 0));
  }

  /**
   * The same, and nothing of the store outlives it: a claim that is kept tells of all that was
   * asked for before, and so of how much of it an operator was there to see.
   */
  String validAndForgetful() {
    ObjectNode spec = merged(ACCEPTED).put("replicas", 0);
    spec.putObject("storage").put("deletionPolicy", "Delete");
    return Serialization.asJson(spec);
  }

  /**
   * With at least one field that the API server or the operator refuses, and without pods as well:
   * an object that an apply leaves without fields is null, and so may be valid after all.
   */
  String invalid() {
    ObjectNode spec = merged(REFUSED);
    if (!spec.has("replicas")) {
      spec.put("replicas", 0);
    }
    return Serialization.asJson(spec);
  }

  private ObjectNode merged(List<JsonNode> parts) {
    ObjectNode spec = JsonNodeFactory.instance.objectNode();
    for (int part = 1 + random.nextInt(3); part > 0; part--) {
      spec.setAll((ObjectNode) parts.get(random.nextInt(parts.size())).deepCopy());
    }
    return spec;
  }

  /** Those that stand for themselves, and may be merged with any other. */
  private static List<JsonNode> specs(String which) {
    return EXAMPLES.stream()
        .filter(example -> !example.containsKey("before"))
        .flatMap(example -> Stream.ofNullable(example.get(which)))
        .map(example -> example.path("spec"))
        .filter(spec -> spec.isObject() && !spec.isEmpty())
        .filter(spec -> !rulesOutOthers(spec))
        .toList();
  }

  /** A field and the variable behind it exclude each other, and each engine has its own fields. */
  private static boolean rulesOutOthers(JsonNode spec) {
    return spec.has("engine") || spec.at("/podTemplate/env").toString().contains("KVS_");
  }
}
