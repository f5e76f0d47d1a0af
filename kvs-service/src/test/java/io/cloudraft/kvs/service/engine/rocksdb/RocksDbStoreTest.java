package io.cloudraft.kvs.service.engine.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloudraft.kvs.service.store.Key;
import io.cloudraft.kvs.service.store.KeyValueStore;
import io.cloudraft.kvs.service.store.KeyValueStoreContract;
import io.cloudraft.kvs.service.store.Revision;
import io.cloudraft.kvs.service.store.Value;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
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

  /** More than every engine must do: writes that share a commit are still numbered one by one. */
  @Test
  void numbersEachOfManyWritesAtOnce() {
    List<CompletableFuture<Revision>> all =
        IntStream.range(0, 1000)
            .mapToObj(i -> store.put(Key.of("key-" + i), Value.text("")))
            .toList();

    assertThat(all.stream().map(CompletableFuture::join).map(Revision::number))
        .containsExactlyElementsOf(LongStream.rangeClosed(1, 1000).boxed().toList());
  }
}
