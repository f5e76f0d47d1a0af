package io.cloudraft.kvs.service.engine.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloudraft.kvs.service.engine.memory.MemoryStore;
import io.cloudraft.kvs.service.store.Bytes;
import io.cloudraft.kvs.service.store.Key;
import io.cloudraft.kvs.service.store.Search;
import io.cloudraft.kvs.service.store.Value;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.io.TempDir;

/** Random operations, with restarts in between, on the engine and on the model alike. */
class ModelTest {
  private static final int OPERATIONS = 3000;

  @TempDir Path directory;
  private final long seed = new Random().nextLong();
  private final Random random = new Random(seed);

  /** Pairs of answers, not yet asked for: so that writes share commits. */
  private final List<CompletableFuture<?>> expected = new ArrayList<>();

  private final List<CompletableFuture<?>> actual = new ArrayList<>();

  @RepeatedTest(5)
  void answersAsTheModelDoes() {
    try (MemoryStore model = new MemoryStore()) {
      RocksDbStore store = Stores.open(directory);
      try {
        for (int i = 0; i < OPERATIONS; i++) {
          if (random.nextInt(500) == 0) {
            store.close();
            store = Stores.open(directory);
          }
          operate(model, store);
        }
        compareAnswers();
        compareEverything(model, store);
      } finally {
        store.close();
      }
    }
  }

  private void operate(MemoryStore model, RocksDbStore store) {
    switch (random.nextInt(10)) {
      case 0, 1, 2, 3, 4 -> {
        Key key = key();
        Value value = Value.text("v".repeat(random.nextInt(200)));
        expected.add(model.put(key, value));
        actual.add(store.put(key, value));
      }
      case 5, 6, 7 -> {
        Key key = key();
        expected.add(model.delete(key));
        actual.add(store.delete(key));
      }
      case 8 -> {
        compareAnswers();
        Key key = key();
        assertThat(store.get(key)).as("%s, seed %d", key, seed).isEqualTo(model.get(key));
        assertThat(store.count()).as("seed %d", seed).isEqualTo(model.count());
      }
      default -> {
        compareAnswers();
        Search search =
            Search.keys(
                affix(),
                affix(),
                random.nextBoolean() ? Optional.empty() : Optional.of(key()),
                1 + random.nextInt(20));
        assertThat(store.search(search))
            .as("%s, seed %d", search, seed)
            .isEqualTo(model.search(search));
      }
    }
  }

  private void compareAnswers() {
    assertThat(actual.stream().map(CompletableFuture::join).toList())
        .as("seed %d", seed)
        .isEqualTo(expected.stream().map(CompletableFuture::join).toList());
    actual.clear();
    expected.clear();
  }

  private void compareEverything(MemoryStore model, RocksDbStore store) {
    Search all = Search.keys(Bytes.EMPTY, Bytes.EMPTY, Optional.empty(), Integer.MAX_VALUE - 1);
    assertThat(store.search(all)).as("seed %d", seed).isEqualTo(model.search(all));
    for (Key key : model.search(all).keys()) {
      assertThat(store.get(key)).as("%s, seed %d", key, seed).isEqualTo(model.get(key));
    }
  }

  /** Few enough keys that they are hit again and again. */
  private Key key() {
    return new Key(letters(1 + random.nextInt(4)));
  }

  private Bytes affix() {
    return letters(random.nextInt(3));
  }

  private Bytes letters(int length) {
    byte[] letters = new byte[length];
    for (int i = 0; i < length; i++) {
      letters[i] = new byte[] {0, 'a', 'b', (byte) 0xff}[random.nextInt(4)];
    }
    return Bytes.wrap(letters);
  }
}
