package io.cloudraft.kvs.service.migration;

import io.cloudraft.kvs.service.engine.etcd.EtcdCluster;
import io.cloudraft.kvs.service.engine.etcd.NeedsEtcd;
import io.cloudraft.kvs.service.engine.rocksdb.Stores;
import io.cloudraft.kvs.service.store.KeyValueStore;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

@NeedsEtcd
class RocksDbToEtcdTest extends MigrationContract {
  @TempDir static Path directory;
  private static EtcdCluster etcd;

  @BeforeAll
  static void start() {
    etcd = EtcdCluster.ofOne(directory);
  }

  @AfterAll
  static void stop() {
    etcd.close();
  }

  @Override
  List<KeyValueStore> openSource() {
    return List.of(Stores.open(sourceDirectory));
  }

  @Override
  List<String> settingsOfTarget() {
    return List.of(
        "--kvs.engine=etcd", "--kvs.etcd.endpoints=" + etcd.members().getFirst().clientUrl());
  }
}
