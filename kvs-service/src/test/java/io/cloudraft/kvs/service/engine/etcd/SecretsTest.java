package io.cloudraft.kvs.service.engine.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cloudraft.kvs.service.store.Bytes;
import io.cloudraft.kvs.service.store.Key;
import io.cloudraft.kvs.service.store.Revision;
import io.cloudraft.kvs.service.store.StoreCannotOpen;
import io.cloudraft.kvs.service.store.Value;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** TLS and credentials as a mounted Secret has them, and their change while the store serves. */
@NeedsEtcd
class SecretsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Key KEY = Key.of("a");

  @TempDir Path directory;

  /** A directory as Kubernetes mounts a Secret: a change of one link changes all files at once. */
  private final class Mounted {
    private final Path path;
    private int generation;

    Mounted(String name) throws IOException {
      path = Files.createDirectories(directory.resolve(name));
    }

    void set(List<String> names, List<Path> contents) throws IOException {
      Path data = Files.createDirectory(path.resolve("..gen" + generation++));
      for (int i = 0; i < names.size(); i++) {
        Files.copy(contents.get(i), data.resolve(names.get(i)));
        Path link = path.resolve(names.get(i));
        if (!Files.exists(link)) {
          Files.createSymbolicLink(link, Path.of("..data").resolve(names.get(i)));
        }
      }
      Path next = path.resolve("..data_tmp");
      Files.createSymbolicLink(next, data.getFileName());
      Files.move(next, path.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);
    }

    void setText(String name, String password) throws IOException {
      set(
          List.of("username", "password"),
          List.of(
              Files.writeString(directory.resolve("u" + generation), name),
              Files.writeString(directory.resolve("p" + generation), password)));
    }
  }

  /** A key, and a certificate that it has signed itself. */
  private record Identified(Path certificate, Path key) {}

  private Identified identified(String name) {
    return identified(name, "ec");
  }

  private Identified identified(String name, String algorithm) {
    Path key = directory.resolve(name + ".key");
    Path certificate = directory.resolve(name + ".crt");
    EtcdCluster.run(
        List.of(
            "openssl",
            "req",
            "-x509",
            "-newkey",
            algorithm,
            "-pkeyopt",
            algorithm.equals("ec") ? "ec_paramgen_curve:P-256" : "rsa_keygen_bits:2048",
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=" + name,
            "-addext",
            "subjectAltName=IP:127.0.0.1",
            "-keyout",
            key.toString(),
            "-out",
            certificate.toString()));
    return new Identified(certificate, key);
  }

  private static EtcdSettings with(
      EtcdSettings settings, Optional<Path> tls, Optional<Path> login) {
    return new EtcdSettings(
        settings.endpoints(),
        settings.keyPrefix(),
        tls,
        login,
        settings.timeout(),
        settings.maxOperations(),
        settings.maxRequestBytes(),
        settings.firstRevision());
  }

  private static void assertTroubleThatSays(EtcdStore store, String why) {
    Awaitility.await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(store.refusesWrites()).get().asString().contains(why));
  }

  private static void assertWorks(EtcdStore store) {
    Awaitility.await().atMost(PATIENCE).until(() -> store.refusesWrites().isEmpty());
    store.put(KEY, Value.text("1")).join();
    assertThat(store.get(KEY)).isPresent();
  }

  @Test
  void usesNewCertificatesWithoutARestart() throws Exception {
    Identified server = identified("server");
    Identified client = identified("client");
    Mounted files = new Mounted("tls");
    List<String> names = List.of("ca.crt", "tls.crt", "tls.key");
    files.set(names, List.of(server.certificate, client.certificate, client.key));
    Path served = Files.copy(server.certificate, directory.resolve("served.crt"));
    Path servedKey = Files.copy(server.key, directory.resolve("served.key"));
    Path trusted = Files.copy(client.certificate, directory.resolve("trusted.crt"));
    try (EtcdCluster etcd =
            EtcdCluster.startWithTls(
                directory.resolve("etcd"),
                List.of(
                    "--unsafe-no-fsync",
                    "--cert-file=" + served,
                    "--key-file=" + servedKey,
                    "--client-cert-auth",
                    "--trusted-ca-file=" + trusted));
        EtcdStore store =
            EtcdCluster.open(
                with(
                    etcd.settings("tls/", Duration.ofSeconds(2)),
                    Optional.of(files.path),
                    Optional.empty()))) {
      assertWorks(store);

      Identified newServer = identified("server2");
      Identified newClient = identified("client2");
      etcd.members().getFirst().kill();
      Files.copy(newServer.certificate, served, StandardCopyOption.REPLACE_EXISTING);
      Files.copy(newServer.key, servedKey, StandardCopyOption.REPLACE_EXISTING);
      Files.copy(newClient.certificate, trusted, StandardCopyOption.REPLACE_EXISTING);
      etcd.members().getFirst().start();
      etcd.awaitHealthy();
      assertTroubleThatSays(store, "PKIX");

      files.set(names, List.of(newServer.certificate, newClient.certificate, newClient.key));

      assertWorks(store);
      assertThat(store.count()).isEqualTo(1);
    }
  }

  @Test
  void usesANewPasswordWithoutARestartAndShowsNone() throws Exception {
    Mounted files = new Mounted("credentials");
    files.setText("kvs", "first-password\n");
    try (EtcdCluster etcd = EtcdCluster.quick(directory.resolve("etcd"))) {
      askForPasswords(etcd);
      try (EtcdStore store =
          EtcdCluster.open(
              with(
                  etcd.settings("auth/", Duration.ofSeconds(2)),
                  Optional.empty(),
                  Optional.of(files.path)))) {
        assertWorks(store);

        EtcdCluster.run(
            List.of(
                "sh",
                "-c",
                "echo second-password | '%s' --endpoints=%s --user=root:root-password user passwd kvs --interactive=false"
                    .formatted(
                        EtcdCluster.binary("etcdctl"), etcd.members().getFirst().clientUrl())));
        assertTroubleThatSays(store, "KVS_ETCD_CREDENTIALS_DIRECTORY");
        assertThat(store.refusesWrites().toString())
            .doesNotContain("first-password", "second-password");

        files.setText("kvs", "second-password");

        assertWorks(store);
      }
    }
  }

  /** What is wrong at the start will not mend itself; a pod that says so and ends is seen. */
  @Test
  void refusesToOpenWhereEtcdDoesNotLetItIn() throws Exception {
    Mounted files = new Mounted("credentials");
    files.setText("kvs", "wrong-password");
    try (EtcdCluster etcd = EtcdCluster.quick(directory.resolve("etcd"))) {
      EtcdSettings settings =
          with(etcd.settings("auth/", PATIENCE), Optional.empty(), Optional.of(files.path));
      assertThatThrownBy(() -> EtcdCluster.open(settings))
          .isInstanceOf(StoreCannotOpen.class)
          .hasMessageContaining("authentication is not enabled");

      askForPasswords(etcd);
      assertThatThrownBy(() -> EtcdCluster.open(settings))
          .isInstanceOf(StoreCannotOpen.class)
          .hasMessageContaining("does not take the name and password")
          .hasMessageNotContaining("wrong-password");

      files.setText("kvs", "first-password");
      assertThatThrownBy(
              () ->
                  EtcdCluster.open(
                      with(
                          etcd.settings("elsewhere/", PATIENCE),
                          Optional.empty(),
                          Optional.of(files.path))))
          .isInstanceOf(StoreCannotOpen.class)
          .hasMessageContaining("grant a role");
    }
  }

  private static void askForPasswords(EtcdCluster etcd) {
    etcd.control("user", "add", "root:root-password");
    etcd.control("user", "grant-role", "root", "root");
    etcd.control("role", "add", "kvs");
    etcd.control("role", "grant-permission", "kvs", "--prefix=true", "readwrite", "auth/");
    etcd.control("user", "add", "kvs:first-password");
    etcd.control("user", "grant-role", "kvs", "kvs");
    etcd.control("auth", "enable");
  }

  /** PKCS#8, and what cert-manager (PKCS#1) and openssl (SEC 1) write unless they are told. */
  @ParameterizedTest
  @ValueSource(strings = {"PRIVATE", "RSA PRIVATE", "EC PRIVATE"})
  void readsAKeyInEveryFormThatIsInUse(String form) throws Exception {
    Identified owner = identified("owner", form.startsWith("RSA") ? "rsa" : "ec");
    Path key = directory.resolve("tls.key");
    Files.copy(owner.certificate, directory.resolve("tls.crt"));
    Files.copy(owner.certificate, directory.resolve("ca.crt"));
    if (form.equals("PRIVATE")) {
      Files.copy(owner.key, key);
    } else {
      EtcdCluster.run(
          List.of(
              "openssl",
              "pkey",
              "-traditional",
              "-in",
              owner.key.toString(),
              "-out",
              key.toString()));
    }

    assertThat(key).content().startsWith("-----BEGIN %s KEY-----".formatted(form));
    assertThat(new Secrets(Optional.of(directory), Optional.empty()).tls()).isPresent();
  }

  @Test
  void refusesToOpenWithFilesThatCannotBeUsed() throws Exception {
    Path tls = Files.createDirectories(directory.resolve("tls"));
    EtcdSettings settings =
        new EtcdSettings(
            List.of(URI.create("https://127.0.0.1:1")),
            Bytes.utf8("x/"),
            Optional.of(tls),
            Optional.empty(),
            Duration.ofMillis(200),
            128,
            1536 * 1024,
            Revision.NONE);

    assertThatThrownBy(() -> EtcdCluster.open(settings))
        .isInstanceOf(StoreCannotOpen.class)
        .hasMessage(
            "The file %s is not there, or cannot be read.".formatted(tls.resolve("ca.crt")));
    Files.writeString(tls.resolve("ca.crt"), "no certificate");
    assertThatThrownBy(() -> EtcdCluster.open(settings))
        .isInstanceOf(StoreCannotOpen.class)
        .hasMessageContaining("must be certificates in PEM")
        .hasMessageNotContaining("no certificate");
    Files.writeString(tls.resolve("tls.key"), "secret");
    assertThatThrownBy(() -> EtcdCluster.open(settings))
        .isInstanceOf(StoreCannotOpen.class)
        .hasMessageContaining("only one is there");

    Path login = Files.createDirectories(directory.resolve("login"));
    Files.writeString(login.resolve("username"), "kvs");
    assertThatThrownBy(() -> EtcdCluster.open(with(settings, Optional.empty(), Optional.of(login))))
        .hasMessage(
            "The file %s is not there, or cannot be read.".formatted(login.resolve("password")));
  }
}
