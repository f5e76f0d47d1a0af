package io.cloudraft.kvs.operator.settings;

import io.cloudraft.kvs.operator.api.AuthSpec;
import io.cloudraft.kvs.operator.api.BackupSpec;
import io.cloudraft.kvs.operator.api.KvStore;
import io.cloudraft.kvs.operator.api.KvStoreSpec;
import io.cloudraft.kvs.operator.api.PullSecret;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPeer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A KvStore with every default resolved: all that its children are made from.
 *
 * @param uid of the KvStore, by which its children name their owner
 * @param etcd where its data is; empty means on a volume of its own
 * @param backupClaim that backups are written to; empty means beside the data
 * @param tokensSecret with the tokens that it asks for; empty means that it asks for none
 * @param clients who may open connections to it; empty means that no policy of its own says so
 * @param pods what is added to its pods
 */
public record StoreSettings(
    String name,
    String namespace,
    String uid,
    String image,
    List<String> imagePullSecrets,
    int replicas,
    Optional<EtcdSettings> etcd,
    StorageSettings storage,
    Limits limits,
    HistorySettings history,
    Optional<String> backupClaim,
    ContainerResources resources,
    ServiceSettings service,
    Optional<IngressSettings> ingress,
    Optional<GatewaySettings> gateway,
    Optional<MonitoringSettings> monitoring,
    Optional<String> tokensSecret,
    List<NetworkPolicyPeer> clients,
    PodSettings pods) {

  private static final KvStoreSpec NOTHING_ASKED =
      new KvStoreSpec(
          null, null, null, null, null, null, null, null, null, null, null, null, null, null, null,
          null);

  public StoreSettings {
    imagePullSecrets = List.copyOf(imagePullSecrets);
    clients = List.copyOf(clients);
    // The API server refuses it as well; but two processes on one volume is not to hang on that
    // alone.
    if (replicas < 0 || (replicas > 1 && etcd.isEmpty())) {
      throw new InvalidSpec(
          "spec.replicas", replicas, "must be 0 or 1: one process may open the volume");
    }
  }

  /**
   * Resolves what the KvStore leaves out.
   *
   * @throws InvalidSpec when no store can be made of it
   */
  public static StoreSettings from(KvStore store, OperatorSettings operator) {
    store
        .unreadable()
        .ifPresent(
            field -> {
              throw new InvalidSpec(
                  field.path(),
                  field.value(),
                  "must be of the type that kubectl explain kvstore.%s names"
                      .formatted(field.path().replaceAll("\\[[0-9]+]", "")));
            });
    var metadata = store.getMetadata();
    var spec = store.getSpec() == null ? NOTHING_ASKED : store.getSpec();
    return new StoreSettings(
        metadata.getName(),
        metadata.getNamespace(),
        metadata.getUid(),
        spec.image() == null ? operator.serviceImage() : spec.image(),
        spec.imagePullSecrets() == null
            ? List.of()
            : spec.imagePullSecrets().stream().map(PullSecret::name).toList(),
        spec.replicas() == null ? 1 : spec.replicas(),
        EtcdSettings.from(spec.engine(), metadata),
        StorageSettings.from(spec.storage()),
        Limits.from(spec.limits()),
        HistorySettings.from(spec.history()),
        Optional.ofNullable(spec.backup()).map(BackupSpec::claimName),
        ContainerResources.from(spec.resources()),
        ServiceSettings.from(spec.service()),
        IngressSettings.from(spec.ingress(), metadata, operator),
        GatewaySettings.from(spec.gateway(), spec.ingress(), metadata, operator),
        MonitoringSettings.from(spec.monitoring()),
        Optional.ofNullable(spec.auth()).map(AuthSpec::tokensSecretName),
        spec.networkPolicy() == null ? List.of() : spec.networkPolicy().from(),
        PodSettings.from(spec.podTemplate(), StoreAnnotations.restart(store)));
  }

  /** The Secrets that the pods mount, by the field that names them. */
  public Map<String, String> secretsByField() {
    var secrets = new TreeMap<String, String>();
    tokensSecret.ifPresent(name -> secrets.put("spec.auth.tokensSecretName", name));
    etcd.flatMap(EtcdSettings::tlsSecretName)
        .ifPresent(name -> secrets.put("spec.engine.etcd.tlsSecretName", name));
    etcd.flatMap(EtcdSettings::credentialsSecretName)
        .ifPresent(name -> secrets.put("spec.engine.etcd.credentialsSecretName", name));
    return secrets;
  }
}
