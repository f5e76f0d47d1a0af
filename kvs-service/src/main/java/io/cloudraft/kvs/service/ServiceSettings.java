package io.cloudraft.kvs.service;

import io.cloudraft.kvs.service.codec.Limits;
import io.cloudraft.kvs.service.engine.etcd.EtcdSettings;
import io.cloudraft.kvs.service.engine.rocksdb.HistoryRetention;
import io.cloudraft.kvs.service.http.CapabilitiesEndpoint.Limit;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** All that a person may set, as it came from the environment, checked. */
record ServiceSettings(
    Path dataDirectory,
    Path backupDirectory,
    Limits limits,
    HistoryRetention history,
    int maxWatches,
    OptionalInt maxRequestsPerSecond) {
  private static final int MAX_KEY_BYTES = 8192;
  private static final int MAX_VALUE_BYTES = 16 * 1024 * 1024;
  private static final int MIN_HISTORY_BYTES = 1024 * 1024;
  private static final long MAX_HISTORY_BYTES = 1L << 40;
  private static final int MAX_WATCHES = 100_000;
  private static final int MAX_REQUESTS_PER_SECOND = 1_000_000;
  private static final int MAX_SECONDS = 366 * 24 * 60 * 60;

  static ServiceSettings parse(
      String dataDirectory,
      String backupDirectory,
      String maxKeyBytes,
      String maxValueBytes,
      String historyBytes,
      String historySeconds,
      String maxWatches,
      String maxRequestsPerSecond) {
    Path data = path("KVS_DATA_DIRECTORY", dataDirectory);
    return new ServiceSettings(
        data,
        directory("KVS_BACKUP_DIRECTORY", backupDirectory).orElse(data.resolve("backups")),
        new Limits(
            (int) number("KVS_MAX_KEY_BYTES", maxKeyBytes, "bytes", 1, MAX_KEY_BYTES),
            (int) number("KVS_MAX_VALUE_BYTES", maxValueBytes, "bytes", 1, MAX_VALUE_BYTES)),
        new HistoryRetention(
            number(
                "KVS_HISTORY_BYTES", historyBytes, "bytes", MIN_HISTORY_BYTES, MAX_HISTORY_BYTES),
            Duration.ofSeconds(
                number("KVS_HISTORY_SECONDS", historySeconds, "seconds", 1, MAX_SECONDS))),
        (int) number("KVS_MAX_WATCHES", maxWatches, "watches", 0, MAX_WATCHES),
        maxRequestsPerSecond.isEmpty()
            ? OptionalInt.empty()
            : OptionalInt.of(
                (int)
                    number(
                        "KVS_MAX_REQUESTS_PER_SECOND",
                        maxRequestsPerSecond,
                        "requests",
                        1,
                        MAX_REQUESTS_PER_SECOND)));
  }

  /** What of it a client can meet. */
  List<Limit> limitsOfClients(EngineChoice engine) {
    List<Limit> all =
        new ArrayList<>(
            List.of(
                new Limit("maxKeyBytes", limits.maxKeyBytes(), "KVS_MAX_KEY_BYTES"),
                new Limit("maxValueBytes", limits.maxValueBytes(), "KVS_MAX_VALUE_BYTES"),
                new Limit("maxWatches", maxWatches, "KVS_MAX_WATCHES")));
    maxRequestsPerSecond.ifPresent(
        most -> all.add(new Limit("maxRequestsPerSecond", most, "KVS_MAX_REQUESTS_PER_SECOND")));
    if (engine.etcd().isEmpty()) {
      all.add(new Limit("historyBytes", history.maxBytes(), "KVS_HISTORY_BYTES"));
      all.add(new Limit("historySeconds", history.maxAge().toSeconds(), "KVS_HISTORY_SECONDS"));
    } else {
      EtcdSettings etcd = engine.etcd().get();
      all.add(new Limit("etcdOperations", etcd.maxOperations(), "KVS_ETCD_MAX_OPERATIONS"));
      all.add(new Limit("etcdRequestBytes", etcd.maxRequestBytes(), "KVS_ETCD_MAX_REQUEST_BYTES"));
    }
    return all;
  }

  /** One that need not be set. */
  static Optional<Path> directory(String name, String value) {
    return value.isEmpty() ? Optional.empty() : Optional.of(path(name, value));
  }

  private static Path path(String name, String value) {
    if (value.isBlank()) {
      throw new InvalidSetting(name, value, "the path of a directory");
    }
    try {
      return Path.of(value).toAbsolutePath().normalize();
    } catch (InvalidPathException e) {
      throw new InvalidSetting(name, value, "the path of a directory");
    }
  }

  static long number(String name, String value, String unit, long min, long max) {
    // Longer ones would not fit into a long, and are too large anyway.
    long number = value.matches("[0-9]{1,18}") ? Long.parseLong(value) : -1;
    if (number < min || number > max) {
      throw new InvalidSetting(
          name, value, "a whole number of %s from %d to %d".formatted(unit, min, max));
    }
    return number;
  }
}
