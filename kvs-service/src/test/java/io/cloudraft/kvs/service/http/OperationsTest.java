package io.cloudraft.kvs.service.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.http.HttpResponse;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OperationsTest {
  @TempDir static Path directory;
  private static RunningService service;

  @BeforeAll
  static void start() throws Exception {
    service = new RunningService(directory);
    service.set("{\"key\":\"a\",\"value\":\"1\"}");
    service.set("{\"key\":\"b\",\"value\":\"1\"}");
    service.set("{\"key\":\"b\",\"value\":\"2\"}");
    service.get("/get/a");
    service.get("/get/nobody");
    service.get("/nope/" + "x".repeat(100));
    service.raw("GARBAGE\r\n\r\n");
  }

  @AfterAll
  static void stop() {
    service.close();
  }

  @Test
  void isAliveAndReady() throws Exception {
    assertThat(service.get("/livez").body()).isEqualTo("{\"live\":true}");
    assertThat(service.get("/readyz").body()).isEqualTo("{\"ready\":true}");
  }

  @Test
  void speaksPrometheusText() throws Exception {
    HttpResponse<String> answer = service.get("/metrics");

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Content-Type"))
        .contains("text/plain;version=0.0.4;charset=utf-8");
    assertThat(answer.body().lines())
        .allMatch(line -> line.startsWith("# ") || line.matches("[a-z0-9_]+(\\{.*})? \\S+"));
  }

  /** The request is counted when its answer has been sent, so it may be read a moment later. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "kvs_keys 2.0",
        "kvs_writable 1.0",
        "kvs_http_requests_seconds_count{endpoint=\"set\",status=\"200\"} 3",
        "kvs_http_requests_seconds_count{endpoint=\"get\",status=\"200\"} 1",
        "kvs_http_requests_seconds_count{endpoint=\"get\",status=\"404\"} 1",
        "kvs_http_requests_seconds_count{endpoint=\"unknown\",status=\"404\"} 1",
        "kvs_http_requests_seconds_count{endpoint=\"none\",status=\"400\"} 1",
        "kvs_http_requests_seconds_bucket{endpoint=\"set\",status=\"200\",le=\"+Inf\"} 3",
        "kvs_commit_seconds_count 3",
        "kvs_commit_writes_sum 3.0",
        "kvs_commit_queue_writes 0.0",
        "kvs_rocksdb_wal_bytes ",
        "kvs_rocksdb_sst_bytes ",
        "kvs_rocksdb_memtable_bytes ",
        "kvs_rocksdb_block_cache_bytes ",
        "kvs_rocksdb_pending_compaction_bytes ",
        "jvm_memory_used_bytes{",
        "process_cpu_usage ",
        "disk_free_bytes{path=\"",
      })
  void tells(String metric) {
    await().untilAsserted(() -> assertThat(service.get("/metrics").body()).contains("\n" + metric));
  }

  @Test
  void namesNoKeyInItsMetrics() throws Exception {
    assertThat(service.get("/metrics").body()).doesNotContain("nobody", "xxx");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/actuator", "/actuator/env", "/health", "/error", "/prometheus"})
  void exposesNothingElse(String path) throws Exception {
    assertThat(service.get(path).statusCode()).isEqualTo(404);
  }
}
