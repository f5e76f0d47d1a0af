package io.cloudraft.kvs.service.engine.rocksdb;

import io.cloudraft.kvs.service.store.KeyValueStore;
import io.cloudraft.kvs.service.store.ModelTest;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class RocksDbModelTest extends ModelTest {
  @TempDir Path directory;

  @Override
  protected KeyValueStore open() {
    return Stores.open(directory);
  }

  @Override
  protected boolean keepsOrder() {
    return true;
  }
}
