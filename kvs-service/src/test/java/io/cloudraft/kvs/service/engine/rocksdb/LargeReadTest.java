package io.cloudraft.kvs.service.engine.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cloudraft.kvs.service.store.Bytes;
import io.cloudraft.kvs.service.store.Key;
import io.cloudraft.kvs.service.store.Operation;
import io.cloudraft.kvs.service.store.StoreFailure;
import io.cloudraft.kvs.service.store.Transaction;
import io.cloudraft.kvs.service.store.Value;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What one transaction reads must fit into memory, whatever others put under its keys. */
class LargeReadTest {
  @TempDir Path directory;

  @Test
  void isRefusedBeforeAnythingIsDone() {
    try (RocksDbStore store = Stores.open(directory)) {
      List<Operation> operations = new ArrayList<>();
      operations.add(new Operation.Put(Key.of("other"), Value.text("")));
      for (int i = 0; i < 17; i++) {
        Key key = Key.of("large-" + i);
        store.put(key, new Value(Value.TEXT, Bytes.wrap(new byte[1024 * 1024]))).join();
        operations.add(new Operation.Get(key));
      }

      assertThatThrownBy(
              () -> store.commit(new Transaction(List.of(), operations, List.of())).join())
          .hasCauseInstanceOf(StoreFailure.ReadsTooMuch.class)
          .hasMessageContaining("at most 17825792 are read at once");
      assertThat(store.get(Key.of("other"))).isEmpty();

      operations.removeLast();
      store.commit(new Transaction(List.of(), operations, List.of())).join();
      assertThat(store.get(Key.of("other"))).isPresent();
    }
  }
}
