package io.cloudraft.kvs.operator.resource;

import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Labels of the children. Nothing is copied from the KvStore's own metadata, and {@code
 * app.kubernetes.io/instance} is never set: Argo CD tracks what it applied by those, and would
 * prune children that it finds them on.
 */
public final class ChildLabels {
  /**
   * Names the KvStore that a child belongs to. The operator watches what carries it and nothing
   * else.
   */
  public static final String STORE = "kvs.cloudraft.io/store";

  private static final String NAME = "app.kubernetes.io/name";
  private static final String NAME_VALUE = "kvs-service";

  private ChildLabels() {}

  /** What selects the pods of a store, and its Service. */
  public static SortedMap<String, String> selector(String store) {
    return new TreeMap<>(Map.of(STORE, store, NAME, NAME_VALUE));
  }

  static SortedMap<String, String> all(String store) {
    var labels = selector(store);
    labels.put("app.kubernetes.io/component", "store");
    labels.put("app.kubernetes.io/part-of", "kvs");
    labels.put("app.kubernetes.io/managed-by", "kvs-operator");
    return labels;
  }

  static Optional<String> storeOf(HasMetadata child) {
    return Optional.ofNullable(child.getMetadata().getLabels()).map(labels -> labels.get(STORE));
  }
}
