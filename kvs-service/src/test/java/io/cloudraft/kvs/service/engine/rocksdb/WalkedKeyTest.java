package io.cloudraft.kvs.service.engine.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloudraft.kvs.service.store.Bytes;
import io.cloudraft.kvs.service.store.Key;
import io.cloudraft.kvs.service.store.Search;
import io.cloudraft.kvs.service.store.Value;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A search reads all keys into the same bytes: none may be cut off, or hold some of another. */
class WalkedKeyTest {
  @Test
  void keepsKeysOfAnyLengthAfterLongerAndShorterOnes(@TempDir Path directory) {
    List<Key> keys =
        IntStream.of(1, 2, 3, 255, 256, 257, 511, 512, 513, 514, 1024, 1025)
            .boxed()
            .flatMap(
                length ->
                    Stream.of("xyz", "zyx", "xxz")
                        .map(letters -> letters.repeat(length).substring(0, length)))
            .distinct()
            .map(Key::of)
            .sorted()
            .toList();
    try (RocksDbStore store = Stores.open(directory)) {
      CompletableFuture.allOf(
              keys.stream()
                  .map(key -> store.put(key, Value.text("")))
                  .toArray(CompletableFuture[]::new))
          .join();
      for (String end : List.of("", "x", "y", "xy", "zx", "zyxz", "xyz".repeat(100))) {
        for (String start : List.of("", "x", "zy", "zyxz", "xyz".repeat(100))) {
          Search search =
              Search.keys(Bytes.utf8(start), Bytes.utf8(end), Optional.empty(), keys.size());

          assertThat(store.search(search).keys())
              .as("%s", search)
              .isEqualTo(keys.stream().filter(search::matches).toList());
        }
      }
    }
  }
}
