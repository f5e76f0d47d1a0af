package io.cloudraft.kvs.operator.settings;

import io.cloudraft.kvs.operator.api.EngineSpec;
import io.cloudraft.kvs.operator.api.EtcdSpec;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The etcd cluster of a store that keeps its data there. */
public record EtcdSettings(
    List<String> endpoints,
    String keyPrefix,
    Optional<String> tlsSecretName,
    Optional<String> credentialsSecretName) {

  public EtcdSettings {
    endpoints = List.copyOf(endpoints);
  }

  /** Empty for a store on a volume of its own. */
  static Optional<EtcdSettings> from(@Nullable EngineSpec spec, ObjectMeta store) {
    if (spec == null || spec.type() == EngineSpec.Type.RocksDB) {
      return Optional.empty();
    }
    if (spec.type() == null || spec.etcd() == null) {
      throw new InvalidSpec(
          "spec.engine.type",
          String.valueOf(spec.type()),
          "must be RocksDB, or Etcd with spec.engine.etcd set");
    }
    EtcdSpec etcd = spec.etcd();
    return Optional.of(
        new EtcdSettings(
            etcd.endpoints(),
            etcd.keyPrefix() == null
                ? "/kvs/%s/%s/".formatted(store.getNamespace(), store.getName())
                : etcd.keyPrefix(),
            Optional.ofNullable(etcd.tlsSecretName()),
            Optional.ofNullable(etcd.credentialsSecretName())));
  }
}
