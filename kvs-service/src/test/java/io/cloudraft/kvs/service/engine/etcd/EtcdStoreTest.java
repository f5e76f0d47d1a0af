package io.cloudraft.kvs.service.engine.etcd;

import io.cloudraft.kvs.service.store.KeyValueStore;
import io.cloudraft.kvs.service.store.KeyValueStoreContract;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

@NeedsEtcd
class EtcdStoreTest implements KeyValueStoreContract {
  @TempDir static Path directory;
  private static EtcdCluster etcd;
  private KeyValueStore store;

  @BeforeAll
  static void start() {
    etcd = EtcdCluster.quick(directory);
  }

  @AfterAll
  static void stop() {
    etcd.close();
  }

  @BeforeEach
  void open() {
    store = etcd.openEmptyStore();
  }

  @AfterEach
  void close() {
    store.close();
  }

  @Override
  public KeyValueStore store() {
    return store;
  }
}
