package io.cloudraft.kvs.operator.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What a KvStore has come to: its children, which of their fields the operator owns, and its
 * status. What differs between any two of the same spec (names, addresses, times) is left out, so
 * that the ways they came by can be compared.
 */
final class EndState {
  private static final List<String> SET_BY_OTHERS =
      List.of(
          "/spec/clusterIP",
          "/spec/clusterIPs",
          "/spec/healthCheckNodePort",
          "/spec/volumeName",
          "/spec/ports/0/nodePort");
  private static final Pattern UID =
      Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");

  private EndState() {}

  /** By kind; empty for a store that is not there and has left nothing. */
  static Map<String, String> of(TestNamespace namespace, String store) {
    Map<String, String> found = new TreeMap<>();
    Children.of(namespace, store).forEach(child -> found.put(child.getKind(), text(child, store)));
    Stream.ofNullable(namespace.kvStore(store).get())
        .forEach(live -> found.put(live.getKind(), text(live, store)));
    return found;
  }

  private static String text(GenericKubernetesResource found, String store) {
    ObjectNode object = Serialization.unmarshal(Serialization.asJson(found), ObjectNode.class);
    ObjectNode state = object.objectNode();
    for (String field : List.of("name", "labels", "annotations", "ownerReferences")) {
      state.set(field, object.at("/metadata/" + field).deepCopy());
    }
    if (state.path("annotations") instanceof ObjectNode annotations) {
      // The revision of a Deployment counts the ways that it came by.
      annotations.properties().removeIf(each -> each.getKey().contains("kubernetes.io/"));
      if (annotations.isEmpty()) {
        state.remove("annotations");
      }
    }
    for (JsonNode fields : object.at("/metadata/managedFields")) {
      if (fields.path("manager").asText().equals("kvs-operator")
          && fields.path("operation").asText().equals("Apply")
          && !fields.has("subresource")) {
        state.set("owned", fields.path("fieldsV1"));
      }
    }
    SET_BY_OTHERS.forEach(
        pointer -> {
          int last = pointer.lastIndexOf('/');
          if (object.at(pointer.substring(0, last)) instanceof ObjectNode parent) {
            parent.remove(pointer.substring(last + 1));
          }
        });
    state.set("spec", object.path("spec"));
    if (found.getKind().equals("KvStore")) {
      state.set("status", status(object));
    }
    return UID.matcher(Serialization.asYaml(state))
        .replaceAll("UID")
        .replace(found.getMetadata().getNamespace(), "NAMESPACE")
        .replace(store, "STORE");
  }

  /** A status that is about another generation says so here, and nothing else of generations. */
  private static JsonNode status(ObjectNode store) {
    JsonNode generation = store.at("/metadata/generation");
    ObjectNode status = store.path("status").deepCopy();
    status.put("isCurrent", status.path("observedGeneration").asLong() == generation.asLong());
    status.remove("observedGeneration");
    for (JsonNode condition : status.path("conditions")) {
      ((ObjectNode) condition).remove(List.of("observedGeneration", "lastTransitionTime"));
    }
    return status;
  }
}
