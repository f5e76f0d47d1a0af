package io.cloudraft.kvs.service;

import io.cloudraft.kvs.service.codec.Limits;
import io.cloudraft.kvs.service.engine.etcd.EtcdSettings;
import io.cloudraft.kvs.service.store.Bytes;
import io.cloudraft.kvs.service.store.Revision;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Which engine keeps the data, as it came from the environment, checked.
 *
 * @param firstRevision what a store that is made new counts its revisions from
 * @param etcd how it is reached, if it is etcd; otherwise the engine is RocksDB
 */
record EngineChoice(Revision firstRevision, Optional<EtcdSettings> etcd) {
  private static final int MAX_TIMEOUT_MILLIS = 60_000;
  private static final int MIN_TIMEOUT_MILLIS = 100;
  private static final int MIN_OPERATIONS = 16;
  private static final int MAX_OPERATIONS = 100_000;
  private static final int MIN_REQUEST_BYTES = 64 * 1024;
  private static final int MAX_REQUEST_BYTES = 64 * 1024 * 1024;
  private static final int MAX_PREFIX_LENGTH = 200;

  /** Doubles of JSON readers hold nine times as much. */
  private static final long MAX_FIRST_REVISION = 999_999_999_999_999L;

  /** What a write takes beside its value and its keys. */
  private static final int ROOM_FOR_SYNTAX = 2048;

  /** A key is written up to four times. */
  private static final int COPIES_OF_KEY = 4;

  /** The settings of etcd, as they were written. */
  record Written(
      String endpoints,
      String keyPrefix,
      String tlsDirectory,
      String credentialsDirectory,
      String timeoutMillis,
      String maxOperations,
      String maxRequestBytes) {}

  static EngineChoice parse(String engine, String firstRevision, Written etcd, Limits limits) {
    Revision first =
        new Revision(
            ServiceSettings.number(
                "KVS_FIRST_REVISION", firstRevision, "revisions", 0, MAX_FIRST_REVISION));
    return switch (engine) {
      case "rocksdb" -> new EngineChoice(first, Optional.empty());
      case "etcd" -> new EngineChoice(first, Optional.of(parse(etcd, first, limits)));
      default -> throw new InvalidSetting("KVS_ENGINE", engine, "rocksdb or etcd");
    };
  }

  private static EtcdSettings parse(Written written, Revision firstRevision, Limits limits) {
    int maxRequestBytes =
        (int)
            ServiceSettings.number(
                "KVS_ETCD_MAX_REQUEST_BYTES",
                written.maxRequestBytes,
                "bytes",
                MIN_REQUEST_BYTES,
                MAX_REQUEST_BYTES);
    long largest =
        (long) maxRequestBytes - COPIES_OF_KEY * (long) limits.maxKeyBytes() - ROOM_FOR_SYNTAX;
    if (limits.maxValueBytes() > largest) {
      throw new InvalidSetting(
          "KVS_MAX_VALUE_BYTES",
          Integer.toString(limits.maxValueBytes()),
          "at most %d with the engine etcd, so that a value and its key of KVS_MAX_KEY_BYTES fit into a request of KVS_ETCD_MAX_REQUEST_BYTES (%d)"
              .formatted(largest, maxRequestBytes));
    }
    return new EtcdSettings(
        endpoints(written.endpoints),
        prefix(written.keyPrefix),
        ServiceSettings.directory("KVS_ETCD_TLS_DIRECTORY", written.tlsDirectory),
        ServiceSettings.directory("KVS_ETCD_CREDENTIALS_DIRECTORY", written.credentialsDirectory),
        Duration.ofMillis(
            ServiceSettings.number(
                "KVS_ETCD_TIMEOUT",
                written.timeoutMillis,
                "milliseconds",
                MIN_TIMEOUT_MILLIS,
                MAX_TIMEOUT_MILLIS)),
        (int)
            ServiceSettings.number(
                "KVS_ETCD_MAX_OPERATIONS",
                written.maxOperations,
                "operations",
                MIN_OPERATIONS,
                MAX_OPERATIONS),
        maxRequestBytes,
        firstRevision);
  }

  private static List<URI> endpoints(String setting) {
    // A name and password do not belong there; if they are there, no log shows them.
    String written = setting.replaceAll("//[^/,]*@", "//...@");
    List<URI> endpoints = new ArrayList<>();
    for (String endpoint : written.split(",", -1)) {
      endpoints.add(endpoint(endpoint.strip(), written));
    }
    if (endpoints.stream().map(URI::getScheme).distinct().count() > 1) {
      throw new InvalidSetting(
          "KVS_ETCD_ENDPOINTS", written, "either all http or all https, and not some of each");
    }
    return endpoints;
  }

  private static URI endpoint(String endpoint, String written) {
    try {
      URI uri = new URI(endpoint);
      boolean plain = uri.getRawPath() == null || uri.getRawPath().matches("/?");
      if (uri.getHost() != null
          && uri.getScheme() != null
          && uri.getScheme().matches("https?")
          && uri.getUserInfo() == null
          && uri.getRawQuery() == null
          && plain) {
        return uri;
      }
    } catch (URISyntaxException e) {
      // Told below.
    }
    throw new InvalidSetting(
        "KVS_ETCD_ENDPOINTS",
        written,
        "the addresses of all members of etcd with commas in between, such as http://etcd-0.etcd:2379,http://etcd-1.etcd:2379");
  }

  private static Bytes prefix(String prefix) {
    if (prefix.isEmpty() || prefix.length() > MAX_PREFIX_LENGTH || !prefix.matches("[!-~]+")) {
      throw new InvalidSetting(
          "KVS_ETCD_KEY_PREFIX",
          prefix,
          "1 to %d printable ASCII characters without spaces, such as /kvs/demo/"
              .formatted(MAX_PREFIX_LENGTH));
    }
    return Bytes.utf8(prefix);
  }
}
