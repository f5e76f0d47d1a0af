package io.cloudraft.kvs.service.engine.etcd;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One member of etcd as a process. */
public final class EtcdMember {
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private final String name;
  private final Path directory;
  private final URI clientUrl;
  private final int peerPort;
  private final int metricsPort;
  private List<String> command = List.of();
  private @Nullable Process process;

  EtcdMember(String name, Path directory, URI clientUrl, int peerPort, int metricsPort) {
    this.name = name;
    this.directory = directory;
    this.clientUrl = clientUrl;
    this.peerPort = peerPort;
    this.metricsPort = metricsPort;
  }

  String name() {
    return name;
  }

  String peerUrl() {
    return "http://127.0.0.1:" + peerPort;
  }

  public URI clientUrl() {
    return clientUrl;
  }

  void start(String cluster, List<String> options) {
    command =
        new ArrayList<>(
            List.of(
                EtcdCluster.binary("server"),
                "--name=" + name,
                "--data-dir=" + directory.resolve("data"),
                "--listen-client-urls=" + clientUrl(),
                "--advertise-client-urls=" + clientUrl(),
                "--listen-peer-urls=" + peerUrl(),
                "--initial-advertise-peer-urls=" + peerUrl(),
                "--listen-metrics-urls=http://127.0.0.1:" + metricsPort,
                "--initial-cluster=" + cluster,
                "--log-level=warn"));
    command.addAll(options);
    start();
  }

  /** Starts it, or starts it again with the data that it had. */
  public void start() {
    try {
      Files.createDirectories(directory);
      File log = directory.resolve("log").toFile();
      process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(log))
              .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  boolean isRunning() {
    Process running = process;
    return running != null && running.isAlive();
  }

  boolean isHealthy() {
    return get("/health").contains("\"health\":\"true\"");
  }

  public boolean isLeader() {
    return metric("etcd_server_is_leader") == 1;
  }

  /** How often clients have called this method of it. */
  public long calls(String method) {
    return metric("grpc_server_started_total{grpc_method=\"" + method + "\"");
  }

  private long metric(String start) {
    return get("/metrics")
        .lines()
        .filter(line -> line.startsWith(start))
        .mapToLong(line -> (long) Double.parseDouble(line.substring(line.lastIndexOf(' '))))
        .sum();
  }

  private String get(String path) {
    try {
      return HTTP.send(
              HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + metricsPort + path))
                  .timeout(Duration.ofSeconds(2))
                  .build(),
              HttpResponse.BodyHandlers.ofString())
          .body();
    } catch (IOException e) {
      return "";
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** As SIGKILL does. */
  public void kill() {
    Process running = process;
    if (running != null) {
      try {
        running.destroyForcibly().waitFor();
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }

  /** Lets it stand still, with all its connections, until {@link #proceed}. */
  public void pause() {
    signal("STOP");
  }

  public void proceed() {
    signal("CONT");
  }

  private void signal(String signal) {
    Process running = process;
    if (running != null) {
      EtcdCluster.run(List.of("kill", "-" + signal, Long.toString(running.pid())));
    }
  }
}
