package io.cloudraft.kvs.service.engine.etcd;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.cloudraft.kvs.service.store.Bytes;
import io.cloudraft.kvs.service.store.Revision;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;

/** Real members of etcd on this machine, each a process that a test may stop as it likes. */
public final class EtcdCluster implements AutoCloseable {
  /** For the whole suite, which makes transactions larger than etcd takes as it comes. */
  private static final int MAX_OPERATIONS = 5000;

  private static final AtomicInteger NEXT_PORT =
      new AtomicInteger(ThreadLocalRandom.current().nextInt(20_000, 30_000));

  private static final AtomicInteger STORES = new AtomicInteger();

  private final List<EtcdMember> members;

  private EtcdCluster(List<EtcdMember> members) {
    this.members = members;
  }

  /** One member that does not sync, for tests that are about something else. */
  public static EtcdCluster quick(Path directory) {
    return start(directory, 1, List.of("--unsafe-no-fsync", "--max-txn-ops=" + MAX_OPERATIONS));
  }

  /** One member as it comes. */
  public static EtcdCluster ofOne(Path directory) {
    return start(directory, 1, List.of());
  }

  /** One member whose data may not become larger than this. */
  public static EtcdCluster withQuota(Path directory, int bytes) {
    return start(directory, 1, List.of("--unsafe-no-fsync", "--quota-backend-bytes=" + bytes));
  }

  /** Three members that do not wait for the disk. */
  public static EtcdCluster ofThree(Path directory) {
    return start(directory, 3, List.of("--unsafe-no-fsync"));
  }

  static EtcdCluster start(Path directory, int size, List<String> options) {
    return start("http", directory, size, options);
  }

  /** One member whose clients must talk TLS. */
  static EtcdCluster startWithTls(Path directory, List<String> options) {
    return start("https", directory, 1, options);
  }

  private static EtcdCluster start(String scheme, Path directory, int size, List<String> options) {
    List<EtcdMember> members = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      URI client = URI.create(scheme + "://127.0.0.1:" + freePort());
      members.add(
          new EtcdMember("m" + i, directory.resolve("m" + i), client, freePort(), freePort()));
    }
    String all =
        members.stream()
            .map(member -> member.name() + "=" + member.peerUrl())
            .collect(Collectors.joining(","));
    EtcdCluster cluster = new EtcdCluster(List.copyOf(members));
    members.forEach(member -> member.start(all, options));
    cluster.awaitHealthy();
    return cluster;
  }

  /** Below those that connections get by themselves, such as those of members to each other. */
  private static int freePort() {
    while (true) {
      int port = NEXT_PORT.getAndIncrement();
      try (ServerSocket _ = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        return port;
      } catch (BindException _) {
        // Another one has it.
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  public void awaitHealthy() {
    members.forEach(
        member ->
            Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(50))
                .until(member::isHealthy));
  }

  public List<EtcdMember> members() {
    return members;
  }

  /** The settings of a store of its own. */
  public EtcdSettings settings() {
    return settings("store-" + STORES.incrementAndGet() + "/", Duration.ofSeconds(5));
  }

  public EtcdSettings settings(String prefix, Duration timeout) {
    return new EtcdSettings(
        members.stream().map(EtcdMember::clientUrl).toList(),
        Bytes.utf8(prefix),
        Optional.empty(),
        Optional.empty(),
        timeout,
        members.size() == 1 ? MAX_OPERATIONS : 128,
        1536 * 1024,
        Revision.NONE);
  }

  /** Opens a store with nothing in it. */
  public EtcdStore openEmptyStore() {
    return open(settings());
  }

  public static EtcdStore open(EtcdSettings settings) {
    return EtcdStore.open(settings, new SimpleMeterRegistry());
  }

  /** Runs {@code etcdctl} on the first member that runs. */
  public String control(String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(binary("etcdctl"));
    command.add(
        "--endpoints="
            + members.stream()
                .filter(EtcdMember::isRunning)
                .map(member -> member.clientUrl().toString())
                .findFirst()
                .orElseThrow());
    command.addAll(List.of(arguments));
    return run(command);
  }

  static String run(List<String> command) {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      String output = new String(process.getInputStream().readAllBytes(), UTF_8);
      if (process.waitFor() != 0) {
        throw new AssertionError(command + " failed: " + output);
      }
      return output;
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  static String binary(String name) {
    Path binary = Path.of(System.getProperty("etcd.binaries"), name);
    if (!Files.isExecutable(binary)) {
      throw new AssertionError(
          "There is no %s: dev/cluster/cluster etcd builds it".formatted(binary));
    }
    return binary.toString();
  }

  @Override
  public void close() {
    members.forEach(EtcdMember::kill);
  }
}
