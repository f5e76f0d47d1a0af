package io.cloudraft.kvs.operator.resource;

import io.cloudraft.kvs.operator.settings.StoreSettings;
import io.fabric8.kubernetes.api.model.Lifecycle;
import io.fabric8.kubernetes.api.model.TopologySpreadConstraint;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.apps.DeploymentStrategy;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What the pods of a store need for the engine that it has. */
sealed interface EnginePods permits RocksDbPods, EtcdPods {
  static EnginePods of(StoreSettings settings) {
    return settings
        .etcd()
        .<EnginePods>map(etcd -> new EtcdPods(settings, etcd))
        .orElseGet(() -> new RocksDbPods(settings));
  }

  /** How new pods take the place of old ones. */
  DeploymentStrategy strategy();

  /** What the container does before it is told to stop. */
  Optional<Lifecycle> lifecycle();

  /** Variables of the environment, by their name, in the order in which they are written. */
  Map<String, Object> variables();

  List<Mount> mounts();

  /** How the pods are spread, unless the KvStore says so. */
  List<TopologySpreadConstraint> spread();

  /** A volume of the pod, and where its container finds it. */
  record Mount(Volume volume, String path, boolean readOnly) {
    /** Read by the user and the group of the process, in octal 0440. */
    private static final int SECRET_MODE = 0b100_100_000;

    static Mount secret(String volume, String name, String path) {
      return new Mount(
          new VolumeBuilder()
              .withName(volume)
              .withNewSecret()
              .withSecretName(name)
              .withDefaultMode(SECRET_MODE)
              .endSecret()
              .build(),
          path,
          true);
    }

    VolumeMount inContainer() {
      var mount = new VolumeMount();
      mount.setName(volume.getName());
      mount.setMountPath(path);
      mount.setReadOnly(readOnly ? true : null);
      return mount;
    }
  }
}
