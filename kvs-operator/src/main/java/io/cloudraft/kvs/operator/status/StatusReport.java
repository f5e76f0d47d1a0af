package io.cloudraft.kvs.operator.status;

import static java.util.stream.Collectors.joining;

import io.cloudraft.kvs.operator.api.EngineSpec;
import io.cloudraft.kvs.operator.api.KvStore;
import io.cloudraft.kvs.operator.api.KvStoreStatus;
import io.cloudraft.kvs.operator.api.StoreCondition;
import io.cloudraft.kvs.operator.resource.ChildLabels;
import io.cloudraft.kvs.operator.resource.DeploymentResource;
import io.cloudraft.kvs.operator.resource.PersistentVolumeClaimResource;
import io.cloudraft.kvs.operator.resource.StoreUrl;
import io.cloudraft.kvs.operator.settings.StoreSettings;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The whole status of a KvStore: a verdict, and the facts beside it.
 *
 * @param settings empty for a KvStore that is invalid; what is known of it from before stays then
 * @param deployment as it was last seen
 * @param claim as it was last seen
 */
public record StatusReport(
    KvStore store,
    Optional<StoreSettings> settings,
    Optional<Deployment> deployment,
    Optional<PersistentVolumeClaim> claim) {

  /** Whether the status is about this generation of the KvStore. */
  public static boolean isCurrent(KvStore store) {
    return observedGeneration(store) == store.getMetadata().getGeneration();
  }

  private static long observedGeneration(KvStore store) {
    return Optional.ofNullable(store.getStatus()).map(KvStoreStatus::observedGeneration).orElse(0L);
  }

  /** The status that says so. Equal to the stored one if there is nothing new to say. */
  public KvStoreStatus with(Verdict verdict, Instant now) {
    long generation =
        verdict.isObserved() ? store.getMetadata().getGeneration() : observedGeneration(store);
    var pods = deployment.map(Deployment::getStatus);
    var bound = claim.filter(StatusReport::isBound);
    return new KvStoreStatus(
        generation,
        new Conditions(conditionsBefore(), generation, now).of(verdict),
        url().orElse(null),
        pods.map(status -> orZero(status.getReplicas())).orElse(0),
        pods.map(status -> orZero(status.getReadyReplicas())).orElse(0),
        selector(),
        bound.map(StatusReport::size).orElse(null),
        bound.map(StatusReport::storageClass).orElse(null),
        engine().orElse(null),
        serviceVersion(verdict).orElse(null));
  }

  private Optional<KvStoreStatus> before() {
    return Optional.ofNullable(store.getStatus());
  }

  private Optional<String> url() {
    return settings.map(StoreUrl::of).or(() -> before().map(KvStoreStatus::url));
  }

  private Optional<String> engine() {
    return settings
        .map(known -> known.etcd().isPresent() ? EngineSpec.Type.Etcd : EngineSpec.Type.RocksDB)
        .map(EngineSpec.Type::name)
        .or(() -> before().map(KvStoreStatus::engine));
  }

  private Optional<String> serviceVersion(Verdict verdict) {
    return deployment
        .filter(_ -> verdict.phase().answers())
        .flatMap(DeploymentResource::image)
        .map(StatusReport::release);
  }

  /** Such as 1.2.3 of {@code registry:5000/kvs-service:1.2.3@sha256:0123}. */
  private static String release(String image) {
    var name = image.substring(image.lastIndexOf('/') + 1);
    var digest = name.indexOf('@');
    var tagged = digest < 0 ? name : name.substring(0, digest);
    var tag = tagged.indexOf(':');
    if (tag >= 0) {
      return tagged.substring(tag + 1);
    }
    return digest < 0 ? "latest" : name.substring(digest + 1);
  }

  private List<StoreCondition> conditionsBefore() {
    return before().map(KvStoreStatus::conditions).map(List::copyOf).orElse(List.of());
  }

  private String selector() {
    return ChildLabels.selector(store.getMetadata().getName()).entrySet().stream()
        .map(label -> label.getKey() + "=" + label.getValue())
        .collect(joining(","));
  }

  private static boolean isBound(PersistentVolumeClaim claim) {
    return claim.getStatus() != null && Objects.equals(claim.getStatus().getPhase(), "Bound");
  }

  private static String size(PersistentVolumeClaim claim) {
    return PersistentVolumeClaimResource.grantedSize(claim).toString();
  }

  private static @Nullable String storageClass(PersistentVolumeClaim claim) {
    return claim.getSpec().getStorageClassName();
  }

  private static int orZero(@Nullable Integer count) {
    return count == null ? 0 : count;
  }
}
