package io.cloudraft.kvs.operator.e2e;

import static org.awaitility.Awaitility.await;

import io.cloudraft.kvs.operator.OperatorMain;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * The operator as a process of this machine, with the rights of the installed one: it may be killed
 * as often as a test likes without a kubelet that waits longer each time, and be led to the API
 * server by another way.
 */
final class OperatorProcess implements AutoCloseable {
  private final ProcessBuilder command;
  private final Path log;
  private Process process;

  /**
   * Starts it.
   *
   * @param server where the API server is, for this one
   */
  OperatorProcess(KubernetesClient client, String namespace, String server) {
    try {
      Path home = Files.createDirectories(Path.of("target/operators", namespace));
      log = home.resolve("log");
      Files.deleteIfExists(log);
      Path kubeconfig = home.resolve("kubeconfig");
      Files.writeString(kubeconfig, kubeconfig(client, server));
      command =
          new ProcessBuilder(
                  ProcessHandle.current().info().command().orElseThrow(),
                  "-XX:+UseSerialGC",
                  "-XX:TieredStopAtLevel=1",
                  "-Xmx128m",
                  "-cp",
                  System.getProperty("java.class.path"),
                  OperatorMain.class.getName())
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
      command
          .environment()
          .putAll(
              Map.of(
                  "KUBECONFIG",
                  kubeconfig.toString(),
                  "KVS_WATCH_NAMESPACES",
                  namespace,
                  "KVS_OPERATOR_PORT",
                  "0"));
      process = command.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** With the service account of the installed operator, so that its rights are what they are. */
  private static String kubeconfig(KubernetesClient client, String server) {
    String token =
        client
            .serviceAccounts()
            .inNamespace(OperatorPod.NAMESPACE)
            .withName(OperatorPod.NAME)
            .tokenRequest(
                new TokenRequestBuilder()
                    .withNewSpec()
                    .withExpirationSeconds(3600L)
                    .endSpec()
                    .build())
            .getStatus()
            .getToken();
    Config known = client.getConfiguration();
    Map<String, Object> cluster =
        known.getCaCertData() == null || server.startsWith("http://")
            ? Map.of("server", server)
            : Map.of("server", server, "certificate-authority-data", known.getCaCertData());
    return Serialization.asYaml(
        Map.of(
            "apiVersion",
            "v1",
            "kind",
            "Config",
            "current-context",
            "test",
            "clusters",
            List.of(Map.of("name", "test", "cluster", cluster)),
            "users",
            List.of(Map.of("name", "test", "user", Map.of("token", token))),
            "contexts",
            List.of(
                Map.of(
                    "name",
                    "test",
                    "context",
                    Map.of(
                        "cluster", "test", "user", "test", "namespace", OperatorPod.NAMESPACE)))));
  }

  /** By SIGKILL, and starts it again. */
  void killAndStartAgain() {
    process.destroyForcibly();
    await().atMost(TestNamespace.SECONDS).until(() -> !process.isAlive());
    startAgain();
  }

  private void startAgain() {
    try {
      process = command.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** How often it has come as far as to tend KvStores. */
  int starts() {
    return (int) said().lines().filter(line -> line.contains(" tends KvStores in ")).count();
  }

  String said() {
    try {
      return Files.exists(log) ? Files.readString(log) : "";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
