package io.cloudraft.kvs.service.migration;

import io.cloudraft.kvs.service.engine.etcd.EtcdCluster;
import io.cloudraft.kvs.service.engine.etcd.EtcdSettings;
import io.cloudraft.kvs.service.engine.etcd.NeedsEtcd;
import io.cloudraft.kvs.service.store.KeyValueStore;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** From two replicas, both of which are written to. */
@NeedsEtcd
class EtcdToRocksDbTest extends MigrationContract {
  @TempDir static Path directory;
  private static EtcdCluster etcd;

  @BeforeAll
  static void start() {
    etcd = EtcdCluster.quick(directory);
  }

  @AfterAll
  static void stop() {
    etcd.close();
  }

  @Override
  List<KeyValueStore> openSource() {
    EtcdSettings settings = etcd.settings();
    return List.of(EtcdCluster.open(settings), EtcdCluster.open(settings));
  }

  @Override
  List<String> settingsOfTarget() {
    return List.of();
  }
}
