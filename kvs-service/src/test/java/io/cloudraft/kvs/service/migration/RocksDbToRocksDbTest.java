package io.cloudraft.kvs.service.migration;

import io.cloudraft.kvs.service.engine.rocksdb.Stores;
import io.cloudraft.kvs.service.store.KeyValueStore;
import java.util.List;

class RocksDbToRocksDbTest extends MigrationContract {
  @Override
  List<KeyValueStore> openSource() {
    return List.of(Stores.open(sourceDirectory));
  }

  @Override
  List<String> settingsOfTarget() {
    return List.of();
  }
}
