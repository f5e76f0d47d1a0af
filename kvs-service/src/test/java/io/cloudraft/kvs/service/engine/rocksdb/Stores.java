package io.cloudraft.kvs.service.engine.rocksdb;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.function.Function;

/** Opens stores as tests need them. */
final class Stores {
  static final HistoryRetention UNLIMITED =
      new HistoryRetention(Long.MAX_VALUE, Duration.ofDays(366));

  private Stores() {}

  static RocksDbStore open(Path directory) {
    return open(directory, UNLIMITED, InstantSource.system());
  }

  /** A store whose disk is what the test makes of the real one. */
  static RocksDbStore open(
      Path directory, Function<Committer.BatchWriter, Committer.BatchWriter> disk) {
    Database database = RocksDbStore.openDatabase(directory, Duration.ZERO);
    return RocksDbStore.open(
        directory,
        database,
        disk.apply(database::writeSynced),
        UNLIMITED,
        InstantSource.system(),
        new SimpleMeterRegistry());
  }

  static RocksDbStore open(Path directory, HistoryRetention history, InstantSource clock) {
    Database database = RocksDbStore.openDatabase(directory, Duration.ZERO);
    return RocksDbStore.open(
        directory, database, database::writeSynced, history, clock, new SimpleMeterRegistry());
  }
}
