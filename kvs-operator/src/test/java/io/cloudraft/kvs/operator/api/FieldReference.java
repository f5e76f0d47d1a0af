package io.cloudraft.kvs.operator.api;

import static java.util.Objects.requireNonNullElse;

import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.api.model.apiextensions.v1.ValidationRule;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** docs/kvstore.md: every field of a KvStore, from the schema of its definition. */
final class FieldReference {
  private final StringBuilder page = new StringBuilder();

  private FieldReference() {}

  static String of(JSONSchemaProps schema) {
    var reference = new FieldReference();
    reference.page.append(
        """
        # Every field of a KvStore

        Generated from the definition of this release (`./mvnw test -pl kvs-operator -Dgolden=write`): do not edit. In a
        cluster, `kubectl explain kvstore.spec` tells the same. All fields of `spec` are optional: `spec: {}` is a working
        store. `config/samples/full.yaml` shows them at work.
        """);
    reference.section("spec", schema);
    reference.section("status", schema);
    reference.rules(schema);
    return reference.page.toString();
  }

  private void section(String name, JSONSchemaProps schema) {
    page.append("\n## %s\n\n| field | type | what |\n|---|---|---|\n".formatted(name));
    rows(name, Objects.requireNonNull(fields(schema).get(name), name));
  }

  private void rows(String path, JSONSchemaProps of) {
    fields(of)
        .forEach(
            (name, field) -> {
              var full = path + "." + name;
              page.append(
                  "| `%s` | %s | %s |\n"
                      .formatted(
                          full,
                          type(field),
                          Stream.of(described(full, field), limits(field))
                              .filter(text -> !text.isEmpty())
                              .collect(Collectors.joining(" "))));
              if (isOurs(field)) {
                rows(full, field);
              }
              if (field.getItems() != null && isOurs(field.getItems().getSchema())) {
                rows(full + "[]", field.getItems().getSchema());
              }
            });
  }

  /** The fields of Kubernetes' own objects, such as an affinity, have no description here. */
  private static boolean isOurs(JSONSchemaProps object) {
    return fields(object).values().stream().anyMatch(field -> field.getDescription() != null);
  }

  private void rules(JSONSchemaProps schema) {
    page.append("\n## The whole of it\n\n");
    for (var rule : rulesOf(schema)) {
      page.append("- %s.\n".formatted(rule.getMessage()));
    }
  }

  private static String described(String path, JSONSchemaProps field) {
    return Objects.requireNonNull(field.getDescription(), path + " has no description")
        .replace("|", "\\|");
  }

  private static String type(JSONSchemaProps field) {
    if (field.getEnum() != null && !field.getEnum().isEmpty()) {
      return field.getEnum().stream()
          .map(value -> "`" + value.asText() + "`")
          .collect(Collectors.joining(", "));
    }
    if (Boolean.TRUE.equals(field.getXKubernetesIntOrString())) {
      return "integer or string";
    }
    if (field.getItems() != null) {
      return "list of " + type(field.getItems().getSchema());
    }
    if (field.getAdditionalProperties() != null) {
      return "map to " + type(field.getAdditionalProperties().getSchema());
    }
    return field.getType();
  }

  private static String limits(JSONSchemaProps field) {
    var range =
        field.getMaximum() == null
                || field.getDescription().contains("" + whole(field.getMaximum()))
            ? ""
            : "At most %s.".formatted(whole(field.getMaximum()));
    var rules =
        rulesOf(field).stream()
            .map(rule -> "Rule: %s.".formatted(rule.getMessage().replace("|", "\\|")))
            .collect(Collectors.joining(" "));
    return (range + " " + rules).strip();
  }

  private static String whole(double number) {
    return BigDecimal.valueOf(number).stripTrailingZeros().toPlainString();
  }

  private static List<ValidationRule> rulesOf(JSONSchemaProps field) {
    return requireNonNullElse(field.getXKubernetesValidations(), List.of());
  }

  private static Map<String, JSONSchemaProps> fields(JSONSchemaProps of) {
    return requireNonNullElse(of.getProperties(), Map.<String, JSONSchemaProps>of());
  }
}
