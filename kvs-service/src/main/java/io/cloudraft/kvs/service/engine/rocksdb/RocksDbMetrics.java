package io.cloudraft.kvs.service.engine.rocksdb;

import io.cloudraft.kvs.service.store.StoreFailure;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the engine holds in memory and on disk. A closed store has no figures. */
final class RocksDbMetrics implements MeterBinder {
  private final RocksDbStore store;
  private final Path directory;

  RocksDbMetrics(RocksDbStore store, Path directory) {
    this.store = store;
    this.directory = directory;
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    Gauge.builder("kvs.commit.queue.writes", store, RocksDbStore::waitingWrites)
        .description("Writes that wait for the committer")
        .register(registry);
    bytes(registry, "wal", "Log that is kept for recovery", this::walBytes);
    bytes(registry, "sst", "Table files in use", () -> sum("rocksdb.live-sst-files-size"));
    bytes(registry, "memtable", "Unflushed writes", () -> sum("rocksdb.cur-size-all-mem-tables"));
    bytes(
        registry,
        "block.cache",
        "Cache of blocks and unflushed writes, in use",
        () -> store.reading(database -> database.cache().getUsage()));
    bytes(
        registry,
        "pending.compaction",
        "Estimate of what compaction has to rewrite",
        () -> sum("rocksdb.estimate-pending-compaction-bytes"));
  }

  private void bytes(MeterRegistry registry, String name, String description, Figure figure) {
    Gauge.builder("kvs.rocksdb." + name, () -> read(figure))
        .description(description)
        .baseUnit("bytes")
        .register(registry);
  }

  private static double read(Figure figure) {
    try {
      return figure.read();
    } catch (StoreFailure | IOException e) {
      return Double.NaN;
    }
  }

  private double sum(String property) {
    return store.reading(database -> database.rocks().getAggregatedLongProperty(property));
  }

  private double walBytes() throws IOException {
    long sum = 0;
    try (DirectoryStream<Path> logs = Files.newDirectoryStream(directory, "*.log")) {
      for (Path log : logs) {
        sum += Files.size(log);
      }
    }
    return sum;
  }

  @FunctionalInterface
  private interface Figure {
    double read() throws IOException;
  }
}
