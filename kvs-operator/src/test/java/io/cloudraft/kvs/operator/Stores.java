package io.cloudraft.kvs.operator;

import io.cloudraft.kvs.operator.api.KvStore;
import io.cloudraft.kvs.operator.settings.OperatorSettings;
import io.cloudraft.kvs.operator.settings.StoreSettings;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.Map;
import java.util.Objects;

/** The KvStores that the tests share, as a user would write them. */
public final class Stores {
  /**
   * An operator whose environment sets nothing but the image, which would change with each release.
   */
  public static final OperatorSettings OPERATOR =
      OperatorSettings.from(Map.of("KVS_SERVICE_IMAGE", "example.com/kvs-service:1.2.3"));

  private Stores() {}

  public static KvStore minimal() {
    return read("minimal");
  }

  /** Every field is set, and to something else than its default. */
  public static KvStore full() {
    return read("full");
  }

  /** Its data is in etcd. */
  public static KvStore etcd() {
    return read("etcd");
  }

  /** The minimal one with this spec, which is YAML in flow style. */
  public static KvStore with(String spec) {
    return Serialization.unmarshal(
        "metadata: {name: demo, namespace: shop, uid: u1, generation: 3, resourceVersion: \"1\"}\nspec: %s"
            .formatted(spec),
        KvStore.class);
  }

  public static StoreSettings settings(String spec) {
    return StoreSettings.from(with(spec), OPERATOR);
  }

  private static KvStore read(String name) {
    return Serialization.unmarshal(
        Objects.requireNonNull(Stores.class.getResourceAsStream("/stores/%s.yaml".formatted(name))),
        KvStore.class);
  }
}
