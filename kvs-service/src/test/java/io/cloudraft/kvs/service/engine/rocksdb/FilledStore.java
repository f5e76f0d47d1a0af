package io.cloudraft.kvs.service.engine.rocksdb;

import io.cloudraft.kvs.service.store.Key;
import io.cloudraft.kvs.service.store.Value;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * A store for benchmarks, in the directory for temporary files. All keys begin with "user-"; one in
 * ten ends with "-a", ten of all with "-rare".
 */
@State(Scope.Benchmark)
public class FilledStore {
  static final Value VALUE = Value.text("v".repeat(100));
  private static final int AT_ONCE = 1000;

  @Param("100000")
  private int keys;

  private @Nullable Path directory;
  private @Nullable RocksDbStore store;
  private int next;

  @Setup(Level.Trial)
  public void fill() throws IOException {
    directory = Files.createTempDirectory("kvs-benchmark");
    store =
        Stores.open(
            directory,
            new HistoryRetention(64L * 1024 * 1024, Duration.ofHours(1)),
            InstantSource.system());
    RocksDbStore empty = store;
    for (int from = 0; from < keys; from += AT_ONCE) {
      CompletableFuture.allOf(
              IntStream.range(from, Math.min(from + AT_ONCE, keys))
                  .mapToObj(i -> empty.put(key(i), VALUE))
                  .toArray(CompletableFuture[]::new))
          .join();
    }
  }

  @TearDown(Level.Trial)
  public void remove() throws IOException {
    store().close();
    FileTree.delete(Objects.requireNonNull(directory));
  }

  RocksDbStore store() {
    return Objects.requireNonNull(store);
  }

  /** Another of its keys each time, from all over the store. */
  Key anyKey() {
    next = Math.floorMod(next + 7919, keys);
    return key(next);
  }

  private Key key(int i) {
    String end = i % (keys / 10) == 1 ? "rare" : "abcdefghij".substring(i % 10, i % 10 + 1);
    return Key.of("user-%08d-%s".formatted(i, end));
  }
}
