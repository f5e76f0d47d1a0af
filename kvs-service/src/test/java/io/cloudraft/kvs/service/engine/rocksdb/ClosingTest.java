package io.cloudraft.kvs.service.engine.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloudraft.kvs.service.store.Key;
import io.cloudraft.kvs.service.store.Revision;
import io.cloudraft.kvs.service.store.Value;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClosingTest {
  @TempDir Path directory;

  @Test
  void finishesWhatWasAccepted() {
    RocksDbStore store = Stores.open(directory);
    List<CompletableFuture<Revision>> accepted =
        IntStream.range(0, 3000)
            .mapToObj(i -> store.put(Key.of("key-" + i), Value.text("")))
            .toList();

    store.close();

    assertThat(accepted).allMatch(put -> put.isDone() && !put.isCompletedExceptionally());
    try (RocksDbStore again = Stores.open(directory)) {
      assertThat(again.count()).isEqualTo(3000);
    }
  }

  @Test
  void mayBeAskedForTwice() {
    RocksDbStore store = Stores.open(directory);

    store.close();
    store.close();
  }
}
