package io.cloudraft.kvs.service.engine.rocksdb;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Function;

/** Opens stores as tests need them. */
final class Stores {
  private Stores() {}

  static RocksDbStore open(Path directory) {
    return RocksDbStore.open(directory, Duration.ZERO, new SimpleMeterRegistry());
  }

  /** A store whose disk is what the test makes of the real one. */
  static RocksDbStore open(
      Path directory, Function<Committer.BatchWriter, Committer.BatchWriter> disk) {
    Database database = RocksDbStore.openDatabase(directory, Duration.ZERO);
    return RocksDbStore.open(
        directory, database, disk.apply(database::writeSynced), new SimpleMeterRegistry());
  }
}
