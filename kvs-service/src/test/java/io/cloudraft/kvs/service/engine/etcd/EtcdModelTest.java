package io.cloudraft.kvs.service.engine.etcd;

import io.cloudraft.kvs.service.store.KeyValueStore;
import io.cloudraft.kvs.service.store.ModelTest;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

@NeedsEtcd
class EtcdModelTest extends ModelTest {
  @TempDir static Path directory;
  private static EtcdCluster etcd;
  private EtcdSettings settings;

  @BeforeAll
  static void start() {
    etcd = EtcdCluster.quick(directory);
  }

  @AfterAll
  static void stop() {
    etcd.close();
  }

  @BeforeEach
  void begin() {
    settings = etcd.settings();
  }

  @Override
  protected KeyValueStore open() {
    return EtcdCluster.open(settings);
  }

  /** Only those of the same key: etcd orders all others as they reach it. */
  @Override
  protected boolean keepsOrder() {
    return false;
  }
}
