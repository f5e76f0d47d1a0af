package io.cloudraft.kvs.service.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class CapabilitiesTest {
  @TempDir static Path directory;
  private static RunningService service;

  @BeforeAll
  static void start() {
    service =
        new RunningService(
            directory,
            null,
            "--kvs.max-key-bytes=100",
            "--kvs.max-value-bytes=2000",
            "--kvs.max-watches=7",
            "--kvs.history-bytes=3000000",
            "--kvs.history-seconds=60");
  }

  @AfterAll
  static void stop() {
    service.close();
  }

  private static JsonNode capabilities() throws Exception {
    HttpResponse<String> answer = service.get("/v1/capabilities");
    assertThat(answer.statusCode()).isEqualTo(200);
    return new JsonMapper().readTree(answer.body());
  }

  @Test
  void namesTheEngineAndWhatItPromises() throws Exception {
    assertThat(capabilities().get("engine").stringValue()).isEqualTo("RocksDB");
    assertThat(capabilities().get("version").stringValue()).matches("[0-9]+\\.[0-9]+\\.[0-9]+.*");
    assertThat(capabilities().at("/promises/consistency").stringValue()).isEqualTo("linearizable");
    assertThat(capabilities().at("/promises/durability").stringValue()).contains("loss of power");
  }

  @ParameterizedTest
  @CsvSource({
    "maxKeyBytes, 100, KVS_MAX_KEY_BYTES",
    "maxValueBytes, 2000, KVS_MAX_VALUE_BYTES",
    "maxWatches, 7, KVS_MAX_WATCHES",
    "historyBytes, 3000000, KVS_HISTORY_BYTES",
    "historySeconds, 60, KVS_HISTORY_SECONDS",
    "maxBodyBytes, 13624, ",
    "maxHeaderBytes, 9092, ",
    "maxContentTypeBytes, 255, ",
    "maxTtlSeconds, 3153600000, ",
    "maxTransactionItems, 128, ",
    "maxSearchLimit, 10000, ",
    "maxSearchBytes, 16777216, ",
  })
  void tellsEveryLimitAndItsSetting(String name, long value, String setting) throws Exception {
    JsonNode limit = capabilities().get("limits").get(name);

    assertThat(limit.get("value").longValue()).isEqualTo(value);
    assertThat(limit.path("setting").asString(null)).isEqualTo(setting);
    assertThat(capabilities().get("limits")).hasSize(12);
  }

  @Test
  void refusesParameters() throws Exception {
    assertThat(service.get("/v1/capabilities?x=1").statusCode()).isEqualTo(400);
  }
}
