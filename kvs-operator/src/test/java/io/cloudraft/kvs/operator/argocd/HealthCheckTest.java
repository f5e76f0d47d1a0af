package io.cloudraft.kvs.operator.argocd;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.cloudraft.kvs.operator.Golden;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.luaj.vm2.LuaTable;
import org.luaj.vm2.LuaValue;
import org.luaj.vm2.lib.jse.JsePlatform;

/**
 * The examples lie as in Argo CD's own repository, whose tests take the folder {@code
 * resource_customizations} as it is.
 */
class HealthCheckTest {
  private static final Path CONFIG = Path.of("../config/argocd");
  private static final Path CHECK =
      CONFIG.resolve("resource_customizations/kvs.cloudraft.io/KvStore");

  @TestFactory
  Stream<DynamicTest> saysOfEachExampleHowItIs() throws IOException {
    var tests = yaml(CHECK.resolve("health_test.yaml")).path("tests");
    return StreamSupport.stream(tests.spliterator(), false)
        .map(
            test ->
                DynamicTest.dynamicTest(
                    test.path("inputPath").asText(),
                    () ->
                        assertThat(health(CHECK.resolve(test.path("inputPath").asText())))
                            .isEqualTo(
                                Map.of(
                                    "status", test.at("/healthStatus/status").asText(),
                                    "message", test.at("/healthStatus/message").asText()))));
  }

  @Test
  void settingsOfArgoCdHoldTheSameCheck() throws IOException {
    Golden.file("../config/argocd/argocd-cm.yaml")
        .matches(
            """
            # Generated from resource_customizations: do not edit.
            # kubectl patch configmap argocd-cm -n argocd --type=merge --patch-file=config/argocd/argocd-cm.yaml
            data:
              resource.customizations.health.kvs.cloudraft.io_KvStore: |
            """
                + Files.readString(CHECK.resolve("health.lua"))
                    .lines()
                    .map(line -> line.isEmpty() ? "\n" : "    " + line + "\n")
                    .reduce("", String::concat));
  }

  private static Map<String, String> health(Path example) throws IOException {
    var lua = JsePlatform.standardGlobals();
    lua.set("obj", value(yaml(example)));
    var health = lua.load(Files.readString(CHECK.resolve("health.lua")), "health.lua").call();
    return Map.of(
        "status", health.get("status").checkjstring(),
        "message", health.get("message").checkjstring());
  }

  private static LuaValue value(JsonNode node) {
    return switch (node.getNodeType()) {
      case OBJECT -> {
        var table = new LuaTable();
        node.properties().forEach(field -> table.set(field.getKey(), value(field.getValue())));
        yield table;
      }
      case ARRAY -> {
        var table = new LuaTable();
        for (int i = 0; i < node.size(); i++) {
          table.set(i + 1, value(node.get(i)));
        }
        yield table;
      }
      case NUMBER -> LuaValue.valueOf(node.doubleValue());
      case BOOLEAN -> LuaValue.valueOf(node.booleanValue());
      case STRING -> LuaValue.valueOf(node.textValue());
      case BINARY, MISSING, NULL, POJO -> LuaValue.NIL;
    };
  }

  private static JsonNode yaml(Path file) {
    try {
      return Serialization.unmarshal(Files.readString(file), JsonNode.class);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
