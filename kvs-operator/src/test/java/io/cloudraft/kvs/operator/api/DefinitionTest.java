package io.cloudraft.kvs.operator.api;

import io.cloudraft.kvs.operator.Golden;
import io.fabric8.kubernetes.client.utils.Serialization;
import org.junit.jupiter.api.Test;

class DefinitionTest {

  @Test
  void committedDefinitionIsTheOneOfTheApiClasses() {
    Golden.file("../crds/kvstores.kvs.cloudraft.io-v1.yml")
        .matches(
            "# Generated from the classes in kvs-operator (package io.cloudraft.kvs.operator.api): do not edit.\n"
                + Serialization.asYaml(Definition.generate()));
  }

  @Test
  void committedReferenceOfTheFieldsIsTheOneOfTheDefinition() {
    Golden.file("../docs/kvstore.md")
        .matches(
            FieldReference.of(
                Definition.generate()
                    .getSpec()
                    .getVersions()
                    .getFirst()
                    .getSchema()
                    .getOpenAPIV3Schema()));
  }
}
