package io.cloudraft.kvs.service.engine.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloudraft.kvs.service.store.Bytes;
import io.cloudraft.kvs.service.store.Key;
import io.cloudraft.kvs.service.store.Page;
import io.cloudraft.kvs.service.store.Search;
import io.cloudraft.kvs.service.store.Value;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KilledProcessTest {
  @TempDir Path directory;

  @Test
  void losesNothingThatWasAcknowledged() throws Exception {
    List<String> acknowledged = new ArrayList<>();
    for (int run = 1; run <= 3; run++) {
      try (WriterProcess writer = new WriterProcess(directory)) {
        acknowledged.addAll(writer.acknowledged(500 * run));
        acknowledged.addAll(writer.kill());
      }
    }

    try (RocksDbStore store = Stores.open(directory)) {
      assertThat(acknowledged)
          .allSatisfy(
              key ->
                  assertThat(store.get(Key.of(key)).orElseThrow().value())
                      .isEqualTo(Value.text(key)));
      Page byKey = all(store, "");
      Page bySuffix = all(store, ".");
      assertThat(byKey.keys()).hasSizeGreaterThanOrEqualTo(acknowledged.size());
      assertThat(bySuffix).isEqualTo(byKey);
      assertThat(store.count()).isEqualTo(byKey.keys().size());
      assertThat(store.put(Key.of("next"), Value.text("")).join().number())
          .as("each key was put once, so there are as many revisions as keys")
          .isEqualTo(byKey.keys().size() + 1);
    }
  }

  private static Page all(RocksDbStore store, String suffix) {
    return store.search(
        Search.keys(Bytes.EMPTY, Bytes.utf8(suffix), Optional.empty(), Integer.MAX_VALUE - 1));
  }
}
