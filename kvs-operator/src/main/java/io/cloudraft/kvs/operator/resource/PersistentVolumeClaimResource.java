package io.cloudraft.kvs.operator.resource;

import static java.util.Objects.requireNonNull;

import io.cloudraft.kvs.operator.api.KvStore;
import io.cloudraft.kvs.operator.api.StorageSpec.DeletionPolicy;
import io.cloudraft.kvs.operator.settings.OperatorSettings;
import io.cloudraft.kvs.operator.settings.StoreSettings;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.processing.dependent.Matcher.Result;
import java.util.Optional;

/**
 * The claim to the volume. With {@code Retain} nobody owns it, so it outlives the KvStore, and one
 * of the same name takes it up again; with {@code Delete} the KvStore owns it like any other child.
 */
public final class PersistentVolumeClaimResource extends ChildResource<PersistentVolumeClaim> {
  PersistentVolumeClaimResource(OperatorSettings operator) {
    super(PersistentVolumeClaim.class, operator);
  }

  /** What the claim asks for. */
  public static Quantity size(PersistentVolumeClaim claim) {
    return requireNonNull(claim.getSpec().getResources().getRequests().get("storage"));
  }

  /**
   * What of that its volume has: less while it grows. A volume may have more, but what is claimed
   * is what may not shrink.
   */
  public static Quantity grantedSize(PersistentVolumeClaim claim) {
    var size = size(claim);
    return Optional.ofNullable(claim.getStatus().getCapacity())
        .map(capacity -> capacity.get("storage"))
        .filter(capacity -> capacity.compareTo(size) < 0)
        .orElse(size);
  }

  static String claimName(String store) {
    return store + "-data";
  }

  @Override
  String name(String store) {
    return claimName(store);
  }

  @Override
  PersistentVolumeClaim desired(StoreSettings settings) {
    var storage = settings.storage();
    var metadata = metadata(settings);
    if (storage.deletionPolicy() == DeletionPolicy.Retain) {
      metadata.withOwnerReferences();
    }
    return new PersistentVolumeClaimBuilder()
        .withMetadata(metadata.build())
        .withNewSpec()
        .withAccessModes("ReadWriteOnce")
        .withStorageClassName(storage.storageClassName().orElse(null))
        .withNewResources()
        .addToRequests("storage", storage.size())
        .endResources()
        .endSpec()
        .build();
  }

  /** A claim from before the data moved into etcd stays as it is, to go back to. */
  @Override
  boolean isLeftAlone(StoreSettings settings) {
    return settings.etcd().isPresent();
  }

  /** Data of the right name that nobody owns is what a KvStore before this one has left. */
  @Override
  boolean mayTakeOver(PersistentVolumeClaim existing, KvStore store) {
    return existing.getMetadata().getOwnerReferences().isEmpty()
        || super.mayTakeOver(existing, store);
  }

  /**
   * The API server writes 1024Mi as 1Gi, and the library compares a claim's size by its letters.
   */
  @Override
  String advice() {
    return "The store goes on with the volume that it has: set spec.storage to what the claim says, or mend the claim"
        + " or its storage class.";
  }

  @Override
  public Result<PersistentVolumeClaim> match(
      PersistentVolumeClaim actual,
      PersistentVolumeClaim desired,
      KvStore store,
      Context<KvStore> context) {
    var size = size(actual);
    if (size.equals(size(desired))) {
      desired.getSpec().getResources().getRequests().put("storage", size);
    }
    return super.match(actual, desired, store, context);
  }
}
