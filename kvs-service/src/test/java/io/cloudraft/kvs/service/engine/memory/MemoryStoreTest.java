package io.cloudraft.kvs.service.engine.memory;

import io.cloudraft.kvs.service.store.KeyValueStore;
import io.cloudraft.kvs.service.store.KeyValueStoreContract;
import org.junit.jupiter.api.AfterEach;

class MemoryStoreTest implements KeyValueStoreContract {
  private final MemoryStore store = new MemoryStore();

  @AfterEach
  void close() {
    store.close();
  }

  @Override
  public KeyValueStore store() {
    return store;
  }
}
