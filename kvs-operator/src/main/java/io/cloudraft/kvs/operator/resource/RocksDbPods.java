package io.cloudraft.kvs.operator.resource;

import io.cloudraft.kvs.operator.settings.StoreSettings;
import io.fabric8.kubernetes.api.model.Lifecycle;
import io.fabric8.kubernetes.api.model.TopologySpreadConstraint;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.apps.DeploymentStrategy;
import io.fabric8.kubernetes.api.model.apps.DeploymentStrategyBuilder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One pod on a volume. One at a time may open it, so the old pod leaves before the new one comes.
 */
record RocksDbPods(StoreSettings settings) implements EnginePods {
  private static final String DATA_PATH = "/data";
  private static final String BACKUPS_PATH = "/backups";

  @Override
  public DeploymentStrategy strategy() {
    return new DeploymentStrategyBuilder().withType("Recreate").build();
  }

  @Override
  public Optional<Lifecycle> lifecycle() {
    return Optional.empty();
  }

  /** A variable is only there where it is asked for, so that a new one restarts no store. */
  @Override
  public Map<String, Object> variables() {
    var variables = new LinkedHashMap<String, Object>();
    variables.put(ServiceContract.DATA_DIRECTORY, DATA_PATH);
    var history = settings.history();
    history.bytes().ifPresent(set -> variables.put(ServiceContract.HISTORY_BYTES, set));
    history.seconds().ifPresent(set -> variables.put(ServiceContract.HISTORY_SECONDS, set));
    settings
        .backupClaim()
        .ifPresent(_ -> variables.put(ServiceContract.BACKUP_DIRECTORY, BACKUPS_PATH));
    return variables;
  }

  @Override
  public List<Mount> mounts() {
    var mounts = new ArrayList<Mount>();
    var claim = PersistentVolumeClaimResource.claimName(settings.name());
    mounts.add(new Mount(volume("data", claim), DATA_PATH, false));
    settings
        .backupClaim()
        .ifPresent(
            backups -> mounts.add(new Mount(volume("backups", backups), BACKUPS_PATH, false)));
    return mounts;
  }

  private static Volume volume(String name, String claim) {
    return new VolumeBuilder()
        .withName(name)
        .withNewPersistentVolumeClaim()
        .withClaimName(claim)
        .endPersistentVolumeClaim()
        .build();
  }

  @Override
  public List<TopologySpreadConstraint> spread() {
    return List.of();
  }
}
