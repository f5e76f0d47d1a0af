package io.cloudraft.kvs.service.engine.rocksdb;

import io.cloudraft.kvs.service.store.KeyValueStore;
import io.cloudraft.kvs.service.store.KeyValueStoreContract;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

class RocksDbStoreTest implements KeyValueStoreContract {
  @TempDir Path directory;
  private KeyValueStore store;

  @BeforeEach
  void open() {
    store = Stores.open(directory);
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
