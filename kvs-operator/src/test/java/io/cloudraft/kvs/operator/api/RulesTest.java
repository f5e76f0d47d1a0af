package io.cloudraft.kvs.operator.api;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import io.cloudraft.kvs.operator.Stores;
import io.cloudraft.kvs.operator.settings.StoreSettings;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * The examples themselves are for a real API server to judge; here they are held against the
 * definition.
 */
class RulesTest {
  private static final String ANY = "*";
  private static final List<Example> EXAMPLES =
      new KubernetesSerialization()
          .unmarshal(
              requireNonNull(RulesTest.class.getResourceAsStream("/rules.yaml")),
              new TypeReference<>() {});

  private record Example(
      String says,
      @Nullable String value,
      @Nullable Object before,
      JsonNode accepted,
      JsonNode refused) {}

  /** A rule, and the field that it is about; a list or a map on the way to it is any of them. */
  private record Rule(List<String> field, String message) {
    boolean isOf(Example example) {
      return message.contains(example.says())
          && isIn(example.accepted(), field)
          && isIn(example.refused(), field);
    }

    private static boolean isIn(JsonNode object, List<String> field) {
      if (field.isEmpty()) {
        return !object.isMissingNode() && !object.isNull();
      }
      var rest = field.subList(1, field.size());
      return field.getFirst().equals(ANY)
          ? StreamSupport.stream(object.spliterator(), false).anyMatch(each -> isIn(each, rest))
          : isIn(object.path(field.getFirst()), rest);
    }
  }

  @Test
  void eachRuleOfTheDefinitionHasAnExampleAboutItsFieldThatSaysTheValue() {
    var schema =
        Definition.generate().getSpec().getVersions().getFirst().getSchema().getOpenAPIV3Schema();

    assertThat(rules(List.of(), schema))
        .contains(
            new Rule(
                List.of("spec", "podTemplate", "env", ANY, "name"),
                "is set by the operator: use spec.limits for the limits; the data directory is where the volume is"))
        .allSatisfy(
            rule ->
                assertThat(EXAMPLES)
                    .as("%s", rule)
                    .filteredOn(rule::isOf)
                    .isNotEmpty()
                    .allSatisfy(example -> assertThat(example.value()).isNotNull()));
  }

  @Test
  void whatTheDefinitionTakesIsAStore() {
    for (var example : EXAMPLES) {
      var store = Serialization.unmarshal(example.accepted().toString(), KvStore.class);
      store.getMetadata().setNamespace("shop");
      assertThat(StoreSettings.from(store, Stores.OPERATOR).replicas()).isNotNegative();
    }
  }

  private static Stream<Rule> rules(List<String> field, JSONSchemaProps schema) {
    var below = new TreeMap<String, JSONSchemaProps>();
    if (schema.getProperties() != null) {
      below.putAll(schema.getProperties());
    }
    if (schema.getItems() != null) {
      below.put(ANY, schema.getItems().getSchema());
    }
    if (schema.getAdditionalProperties() != null
        && schema.getAdditionalProperties().getSchema() != null) {
      below.put(ANY, schema.getAdditionalProperties().getSchema());
    }
    return Stream.concat(
        Stream.ofNullable(schema.getXKubernetesValidations())
            .flatMap(List::stream)
            .map(rule -> new Rule(field, rule.getMessage())),
        below.entrySet().stream()
            .flatMap(
                each ->
                    rules(
                        Stream.concat(field.stream(), Stream.of(each.getKey())).toList(),
                        each.getValue())));
  }
}
