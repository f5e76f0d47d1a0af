package io.cloudraft.kvs.operator.resource;

import io.cloudraft.kvs.operator.settings.EtcdSettings;
import io.cloudraft.kvs.operator.settings.StoreSettings;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Lifecycle;
import io.fabric8.kubernetes.api.model.LifecycleBuilder;
import io.fabric8.kubernetes.api.model.TopologySpreadConstraint;
import io.fabric8.kubernetes.api.model.TopologySpreadConstraintBuilder;
import io.fabric8.kubernetes.api.model.apps.DeploymentStrategy;
import io.fabric8.kubernetes.api.model.apps.DeploymentStrategyBuilder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Any number of pods over an etcd cluster; a new one is ready before an old one leaves. */
record EtcdPods(StoreSettings settings, EtcdSettings etcd) implements EnginePods {
  private static final String TLS_PATH = "/etc/kvs/etcd-tls";
  private static final String CREDENTIALS_PATH = "/etc/kvs/etcd-credentials";

  private static final long SECONDS_UNTIL_NOBODY_SENDS_MORE = 5;

  @Override
  public DeploymentStrategy strategy() {
    return new DeploymentStrategyBuilder()
        .withType("RollingUpdate")
        .withNewRollingUpdate()
        .withMaxSurge(new IntOrString(1))
        .withMaxUnavailable(new IntOrString(0))
        .endRollingUpdate()
        .build();
  }

  /** Others go on sending requests for a moment to a pod that leaves: it goes on answering them. */
  @Override
  public Optional<Lifecycle> lifecycle() {
    return Optional.of(
        new LifecycleBuilder()
            .withNewPreStop()
            .withNewSleep(SECONDS_UNTIL_NOBODY_SENDS_MORE)
            .endPreStop()
            .build());
  }

  @Override
  public Map<String, Object> variables() {
    var variables = new LinkedHashMap<String, Object>();
    variables.put(ServiceContract.ENGINE, "etcd");
    // Nothing that lasts: the socket of the commands that are run in the pod.
    variables.put(ServiceContract.DATA_DIRECTORY, "/tmp");
    variables.put(ServiceContract.ETCD_ENDPOINTS, String.join(",", etcd.endpoints()));
    variables.put(ServiceContract.ETCD_KEY_PREFIX, etcd.keyPrefix());
    etcd.tlsSecretName()
        .ifPresent(_ -> variables.put(ServiceContract.ETCD_TLS_DIRECTORY, TLS_PATH));
    etcd.credentialsSecretName()
        .ifPresent(
            _ -> variables.put(ServiceContract.ETCD_CREDENTIALS_DIRECTORY, CREDENTIALS_PATH));
    return variables;
  }

  @Override
  public List<Mount> mounts() {
    return Stream.of(
            etcd.tlsSecretName().map(name -> Mount.secret("etcd-tls", name, TLS_PATH)),
            etcd.credentialsSecretName()
                .map(name -> Mount.secret("etcd-credentials", name, CREDENTIALS_PATH)))
        .flatMap(Optional::stream)
        .toList();
  }

  @Override
  public List<TopologySpreadConstraint> spread() {
    return Stream.of("topology.kubernetes.io/zone", "kubernetes.io/hostname")
        .map(
            place ->
                new TopologySpreadConstraintBuilder()
                    .withMaxSkew(1)
                    .withTopologyKey(place)
                    .withWhenUnsatisfiable("ScheduleAnyway")
                    .withNewLabelSelector()
                    .withMatchLabels(ChildLabels.selector(settings.name()))
                    .endLabelSelector()
                    .build())
        .toList();
  }
}
