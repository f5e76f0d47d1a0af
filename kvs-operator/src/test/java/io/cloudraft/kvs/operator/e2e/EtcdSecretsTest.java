package io.cloudraft.kvs.operator.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A store whose etcd asks for a certificate and for a password, both of which change. */
@Tag("e2e")
class EtcdSecretsTest {
  @RegisterExtension static final TestNamespace namespace = new TestNamespace("kvs-e2e-guarded");

  private static final String STORE =
      """
      {engine: {type: Etcd, etcd: {endpoints: ["https://guarded:2379"], tlsSecretName: etcd-client,
                                   credentialsSecretName: etcd-user}}}""";

  @TempDir static Path directory;

  @BeforeAll
  static void startEtcd() throws IOException {
    newCertificates();
    kubectl("apply", "-f", "src/test/resources/etcd-with-tls.yaml");
    untilEtcdRuns();
    etcdctl("user", "add", "root:of-root");
    etcdctl("user", "grant-role", "root", "root");
    etcdctl("role", "add", "store");
    etcdctl(
        "role", "grant-permission", "store", "--prefix=true", "readwrite", "/kvs/kvs-e2e-guarded/");
    etcdctl("user", "add", "store:first");
    etcdctl("user", "grant-role", "store", "store");
    etcdctl("auth", "enable");
  }

  @Test
  void takesUpNewSecretsWithoutARestart() throws IOException {
    namespace.apply("shop", STORE);
    namespace.untilSays(
        "shop", "Stalled", "PodNotStarted", "Secret etcd-user", "credentialsSecretName");
    user("store", "first");
    StoreClient store = namespace.untilReady("shop");
    assertThat(store.set("kept", "here").statusCode()).isEqualTo(200);
    String pod = namespace.pod("shop").getMetadata().getUid();

    etcdctl("--user=root:of-root", "user", "add", "other:second");
    etcdctl("--user=root:of-root", "user", "grant-role", "other", "store");
    etcdctl("--user=root:of-root", "user", "delete", "store");
    newCertificates();
    kubectl("delete", "pod", "guarded-0");
    untilEtcdRuns();
    user("other", "second");

    store = namespace.untilReady("shop");
    assertThat(store.get("/get/kept").body()).isEqualTo("here");
    assertThat(store.set("more", "as well").statusCode()).isEqualTo(200);
    Pod after = namespace.pod("shop");
    assertThat(after.getMetadata().getUid()).isEqualTo(pod);
    assertThat(after.getStatus().getContainerStatuses().getFirst().getRestartCount()).isZero();
  }

  /** Etcd trusts new ones when it starts the next time. */
  private static void newCertificates() throws IOException {
    var server = SelfSigned.of("guarded", directory);
    var client = SelfSigned.of("store", directory);
    Path trusted = directory.resolve("trusted.crt");
    Files.writeString(
        trusted, Files.readString(server.certificate()) + Files.readString(client.certificate()));
    replaceTls("etcd-server", server, trusted);
    replaceTls("etcd-client", client, trusted);
  }

  private static void replaceTls(String secret, SelfSigned owner, Path trusted) {
    replace(
        secret,
        "--from-file=ca.crt=" + trusted,
        "--from-file=tls.crt=" + owner.certificate(),
        "--from-file=tls.key=" + owner.key());
  }

  private static void user(String name, String password) {
    replace("etcd-user", "--from-literal=username=" + name, "--from-literal=password=" + password);
  }

  private static void replace(String secret, String... contents) {
    kubectl("delete", "secret", "--ignore-not-found", secret);
    namespace.create(
        Stream.concat(Stream.of("secret", "generic", secret), Stream.of(contents))
            .toArray(String[]::new));
  }

  private static void untilEtcdRuns() {
    kubectl("rollout", "status", "statefulset/guarded", "--timeout=2m");
  }

  /**
   * With time: etcd takes a lot of it for a password, and more on a busy machine. That of dialling
   * is the one for logging in.
   */
  private static void etcdctl(String... arguments) {
    kubectl(
        Stream.concat(
                Stream.of(
                    "exec",
                    "guarded-0",
                    "--",
                    "etcdctl",
                    "--dial-timeout=1m",
                    "--command-timeout=1m"),
                Stream.of(arguments))
            .toArray(String[]::new));
  }

  private static void kubectl(String... arguments) {
    Command.kubectl(
        Stream.concat(Stream.of("--namespace=" + namespace.name()), Stream.of(arguments))
            .toArray(String[]::new));
  }
}
