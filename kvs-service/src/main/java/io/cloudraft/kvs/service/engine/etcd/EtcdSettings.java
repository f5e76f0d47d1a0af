package io.cloudraft.kvs.service.engine.etcd;

import io.cloudraft.kvs.service.store.Bytes;
import io.cloudraft.kvs.service.store.Revision;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * How etcd is reached, and what it takes.
 *
 * @param endpoints one for each member, all {@code http} or all {@code https}
 * @param keyPrefix below which everything is kept
 * @param tls a directory with {@code ca.crt}, and {@code tls.crt} and {@code tls.key} if etcd asks
 *     for a client's certificate
 * @param credentials a directory with {@code username} and {@code password}
 * @param timeout after which a call is given up
 * @param maxOperations etcd's {@code --max-txn-ops}
 * @param maxRequestBytes etcd's {@code --max-request-bytes}
 * @param firstRevision what a store that is made new counts its revisions from
 */
public record EtcdSettings(
    List<URI> endpoints,
    Bytes keyPrefix,
    Optional<Path> tls,
    Optional<Path> credentials,
    Duration timeout,
    int maxOperations,
    int maxRequestBytes,
    Revision firstRevision) {
  public EtcdSettings {
    endpoints = List.copyOf(endpoints);
  }

  /** Where the store is, for a log. */
  @Override
  public String toString() {
    return "etcd at %s below %s"
        .formatted(
            endpoints.stream().map(URI::toString).collect(Collectors.joining(",")), keyPrefix);
  }
}
