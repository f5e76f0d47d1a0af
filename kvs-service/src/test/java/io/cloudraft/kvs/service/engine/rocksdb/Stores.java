package io.cloudraft.kvs.service.engine.rocksdb;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.function.Function;
import java.util.stream.Stream;

/** Opens stores as tests need them. */
public final class Stores {
  static final HistoryRetention UNLIMITED =
      new HistoryRetention(Long.MAX_VALUE, Duration.ofDays(366));

  static final DiskSpace UNLIMITED_SPACE = new DiskSpace(Path.of(""), () -> Long.MAX_VALUE, 0);

  private Stores() {}

  static Path newestLog(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory.resolve("rocksdb"))) {
      return files
          .filter(file -> file.toString().endsWith(".log"))
          .max(Comparator.naturalOrder())
          .orElseThrow();
    }
  }

  public static RocksDbStore open(Path directory) {
    return open(directory, UNLIMITED, InstantSource.system());
  }

  /** A store whose disk is what the test makes of the real one. */
  static RocksDbStore open(
      Path directory, Function<Committer.BatchWriter, Committer.BatchWriter> disk) {
    return open(directory, disk, UNLIMITED_SPACE);
  }

  static RocksDbStore open(
      Path directory,
      Function<Committer.BatchWriter, Committer.BatchWriter> disk,
      DiskSpace space) {
    Database database = RocksDbStore.openDatabase(directory, Duration.ZERO);
    return RocksDbStore.open(
        directory,
        database,
        disk.apply(database::writeSynced),
        space,
        UNLIMITED,
        InstantSource.system(),
        new SimpleMeterRegistry());
  }

  static RocksDbStore open(Path directory, HistoryRetention history, InstantSource clock) {
    Database database = RocksDbStore.openDatabase(directory, Duration.ZERO);
    return RocksDbStore.open(
        directory,
        database,
        database::writeSynced,
        UNLIMITED_SPACE,
        history,
        clock,
        new SimpleMeterRegistry());
  }
}
