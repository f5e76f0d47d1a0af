package io.cloudraft.kvs.operator.resource;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloudraft.kvs.operator.Stores;
import io.cloudraft.kvs.operator.settings.Limits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * There is no module that the two programs share; what they share is compared here, in the sources
 * of the other.
 */
class ServiceContractTest {
  private static final Path SERVICE = Path.of("../kvs-service/src/main");
  private static final Path SETTINGS = SERVICE.resolve("resources/application.yaml");

  @Test
  void theServiceReadsTheVariablesThatTheOperatorSets() throws IOException {
    assertThat(Files.readString(SETTINGS))
        .as("%s is to read what ServiceContract names", SETTINGS)
        .contains(
            "${%s:".formatted(ServiceContract.DATA_DIRECTORY),
            "${%s:".formatted(ServiceContract.MAX_KEY_BYTES),
            "${%s:".formatted(ServiceContract.MAX_VALUE_BYTES),
            "${%s:".formatted(ServiceContract.MAX_WATCHES),
            "${%s:".formatted(ServiceContract.MAX_REQUESTS_PER_SECOND),
            "${%s:".formatted(ServiceContract.HISTORY_BYTES),
            "${%s:".formatted(ServiceContract.HISTORY_SECONDS),
            "${%s:".formatted(ServiceContract.BACKUP_DIRECTORY),
            "${%s:".formatted(ServiceContract.TOKENS_DIRECTORY),
            "${%s:".formatted(ServiceContract.ENGINE),
            "${%s:".formatted(ServiceContract.ETCD_ENDPOINTS),
            "${%s:".formatted(ServiceContract.ETCD_KEY_PREFIX),
            "${%s:".formatted(ServiceContract.ETCD_TLS_DIRECTORY),
            "${%s:".formatted(ServiceContract.ETCD_CREDENTIALS_DIRECTORY));
  }

  @Test
  void bothHaveTheSameDefaults() throws IOException {
    Limits limits = Stores.settings("{}").limits();

    assertThat(Files.readString(SETTINGS))
        .as("%s is to have the defaults of Limits", SETTINGS)
        .contains(
            "${%s:%d}".formatted(ServiceContract.MAX_KEY_BYTES, limits.maxKeyBytes()),
            "${%s:%d}".formatted(ServiceContract.MAX_VALUE_BYTES, limits.maxValueBytes()));
  }

  @Test
  void theServiceListensWhereTheOperatorSendsClients() throws IOException {
    assertThat(Files.readString(SETTINGS))
        .as("server.port in %s is to be ServiceContract.PORT", SETTINGS)
        .contains("port: " + ServiceContract.PORT);
  }

  @Test
  void theServiceTakesAllLimitsThatTheDefinitionTakes() throws IOException {
    var definition = Files.readString(Path.of("../crds/kvstores.kvs.cloudraft.io-v1.yml"));

    assertThat(sources())
        .as("the service's upper bounds are to be those of LimitsSpec")
        .contains(
            "MAX_KEY_BYTES = 8192;",
            "MAX_VALUE_BYTES = 16 * 1024 * 1024;",
            "MAX_WATCHES = 100_000;",
            "MAX_REQUESTS_PER_SECOND = 1_000_000;");
    assertThat(definition)
        .contains(
            "maximum: 8192.0", "maximum: 1.6777216E7", "maximum: 100000.0", "maximum: 1000000.0");
  }

  @Test
  void theServiceAnswersWhereKubernetesAndPrometheusAsk() throws IOException {
    assertThat(sources())
        .as("the service is to have an endpoint at each path that ServiceContract names")
        .contains(
            '"' + ServiceContract.LIVENESS_PATH + '"',
            '"' + ServiceContract.READINESS_PATH + '"',
            '"' + ServiceContract.METRICS_PATH + '"');
  }

  private static String sources() throws IOException {
    try (var files = Files.walk(SERVICE.resolve("java"))) {
      return files
          .filter(file -> file.toString().endsWith(".java"))
          .map(ServiceContractTest::read)
          .collect(Collectors.joining());
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
