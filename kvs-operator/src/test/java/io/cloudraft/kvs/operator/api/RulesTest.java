package io.cloudraft.kvs.operator.api;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.type.TypeReference;
import io.cloudraft.kvs.operator.Stores;
import io.cloudraft.kvs.operator.settings.StoreSettings;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.api.model.apiextensions.v1.ValidationRule;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * The examples themselves are for a real API server to judge; here they are held against the
 * definition.
 */
class RulesTest {
  private static final List<Example> EXAMPLES =
      new KubernetesSerialization()
          .unmarshal(
              requireNonNull(RulesTest.class.getResourceAsStream("/rules.yaml")),
              new TypeReference<>() {});

  private record Example(String says, @Nullable Object before, KvStore accepted, Object refused) {}

  @Test
  void eachRuleOfTheDefinitionHasAnExample() {
    var schema =
        Definition.generate().getSpec().getVersions().getFirst().getSchema().getOpenAPIV3Schema();

    assertThat(rules(schema).map(ValidationRule::getMessage))
        .isNotEmpty()
        .allSatisfy(
            message -> assertThat(EXAMPLES).anyMatch(example -> message.contains(example.says())));
  }

  @Test
  void whatTheDefinitionTakesIsAStore() {
    for (var example : EXAMPLES) {
      example.accepted().getMetadata().setNamespace("shop");
      assertThat(StoreSettings.from(example.accepted(), Stores.OPERATOR).replicas())
          .isBetween(0, 1);
    }
  }

  private static Stream<ValidationRule> rules(JSONSchemaProps schema) {
    var own = schema.getXKubernetesValidations();
    var properties = schema.getProperties();
    return Stream.concat(
        own == null ? Stream.empty() : own.stream(),
        properties == null
            ? Stream.empty()
            : properties.values().stream().flatMap(RulesTest::rules));
  }
}
