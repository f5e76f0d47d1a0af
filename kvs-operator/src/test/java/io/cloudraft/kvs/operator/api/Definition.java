package io.cloudraft.kvs.operator.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Comparator.comparingInt;
import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.fabric8.crdv2.generator.CRDGenerator;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.ByteArrayOutputStream;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.function.Consumer;

/** The CustomResourceDefinition that the API classes describe. */
final class Definition {
  /** From left to right; the generator sorts them by path. */
  private static final List<String> COLUMNS =
      List.of("READY", "URL", "STORAGE", "REASON", "MESSAGE", "AGE");

  private Definition() {}

  static CustomResourceDefinition generate() {
    var output = new InMemory();
    new CRDGenerator()
        .customResourceClasses(KvStore.class)
        .withOutput(output)
        .forCRDVersions("v1")
        .generate();
    var definition =
        Serialization.unmarshal(output.bytes.toString(UTF_8), CustomResourceDefinition.class);
    var version = definition.getSpec().getVersions().getFirst();
    var schema = version.getSchema().getOpenAPIV3Schema();
    schema.setDescription("A key-value store. spec: {} is a working one.");
    property(schema, "spec")
        .setDescription("What the store is asked to be. Every field may be left out.");
    property(schema, "status").setDescription("How the store is. The operator writes it.");
    forEach(schema, Definition::withoutRepeatedRules);
    forEach(schema, Definition::sayingTheValue);
    takesNullForAnEmptyObject(property(schema, "spec"));
    // What is null, or not there at all, has no replicas to scale.
    property(schema, "spec").setNullable(null);
    property(schema, "spec").setDefault(JsonNodeFactory.instance.objectNode());
    version
        .getAdditionalPrinterColumns()
        .sort(comparingInt(column -> COLUMNS.indexOf(column.getName())));
    // The API server keeps no zero, and who compares what is stored with this would see a
    // difference.
    version.getAdditionalPrinterColumns().stream()
        .filter(column -> Integer.valueOf(0).equals(column.getPriority()))
        .forEach(column -> column.setPriority(null));
    // Said here because the generator's annotations cannot: who merges these lists by which key.
    mapKeyedBy(property(schema, "spec", "imagePullSecrets"), "name");
    mapKeyedBy(property(schema, "spec", "podTemplate", "env"), "name");
    var spread = property(schema, "spec", "podTemplate", "topologySpreadConstraints");
    mapKeyedBy(spread, "topologyKey", "whenUnsatisfiable");
    spread
        .getItems()
        .getSchema()
        .setRequired(List.of("maxSkew", "topologyKey", "whenUnsatisfiable"));
    mapKeyedBy(property(schema, "status", "conditions"), "type");
    // Without a status kstatus would call a new one done before anybody has looked at it.
    property(schema, "status")
        .setDefault(
            JsonNodeFactory.instance
                .objectNode()
                .put("observedGeneration", KvStoreStatus.UNOBSERVED));
    return definition;
  }

  /** The generator reads a record's rules twice: from the field and from its accessor. */
  private static void withoutRepeatedRules(JSONSchemaProps schema) {
    if (schema.getXKubernetesValidations() != null) {
      schema.setXKubernetesValidations(
          List.copyOf(new LinkedHashSet<>(schema.getXKubernetesValidations())));
    }
  }

  /** The API server says of a text that a rule refuses only that it is a "string". */
  private static void sayingTheValue(JSONSchemaProps schema) {
    if ("string".equals(schema.getType()) && schema.getXKubernetesValidations() != null) {
      schema.getXKubernetesValidations().stream()
          .filter(rule -> rule.getMessageExpression() == null)
          .forEach(
              rule ->
                  rule.setMessageExpression(
                      "\"'%%s' %s\".format([self])".formatted(rule.getMessage())));
    }
  }

  private static void forEach(JSONSchemaProps schema, Consumer<JSONSchemaProps> action) {
    action.accept(schema);
    if (schema.getProperties() != null) {
      schema.getProperties().values().forEach(each -> forEach(each, action));
    }
    if (schema.getItems() != null) {
      forEach(schema.getItems().getSchema(), action);
    }
  }

  /**
   * What was applied as an object with fields and is applied as an empty one, such as {@code spec:
   * {}}, comes out of server-side apply as null.
   */
  private static void takesNullForAnEmptyObject(JSONSchemaProps schema) {
    if ("object".equals(schema.getType())) {
      schema.setNullable(true);
    }
    if (schema.getProperties() != null) {
      schema.getProperties().values().forEach(Definition::takesNullForAnEmptyObject);
    }
  }

  private static JSONSchemaProps property(JSONSchemaProps schema, String... path) {
    for (var name : path) {
      schema = requireNonNull(schema.getProperties().get(name), name);
    }
    return schema;
  }

  private static void mapKeyedBy(JSONSchemaProps list, String... keys) {
    list.setXKubernetesListType("map");
    list.setXKubernetesListMapKeys(List.of(keys));
  }

  private static final class InMemory
      extends CRDGenerator.AbstractCRDOutput<ByteArrayOutputStream> {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    @Override
    protected ByteArrayOutputStream createStreamFor(String name) {
      return bytes;
    }
  }
}
