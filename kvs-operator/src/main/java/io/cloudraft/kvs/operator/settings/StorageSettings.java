package io.cloudraft.kvs.operator.settings;

import io.cloudraft.kvs.operator.api.StorageSpec;
import io.cloudraft.kvs.operator.api.StorageSpec.DeletionPolicy;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The volume of a store.
 *
 * @param storageClassName empty means the cluster's default class
 */
public record StorageSettings(
    Quantity size, Optional<String> storageClassName, DeletionPolicy deletionPolicy) {

  /** Also written in the rules of {@link io.cloudraft.kvs.operator.api.KvStore}. */
  private static final String DEFAULT_SIZE = "1Gi";

  static StorageSettings from(@Nullable StorageSpec spec) {
    if (spec == null) {
      return from(new StorageSpec(null, null, null));
    }
    return new StorageSettings(
        Quantities.parse("spec.storage.size", spec.size() == null ? DEFAULT_SIZE : spec.size()),
        Optional.ofNullable(spec.storageClassName()),
        spec.deletionPolicy() == null ? DeletionPolicy.Retain : spec.deletionPolicy());
  }
}
