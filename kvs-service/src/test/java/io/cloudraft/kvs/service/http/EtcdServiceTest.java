package io.cloudraft.kvs.service.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloudraft.kvs.service.engine.etcd.EtcdCluster;
import io.cloudraft.kvs.service.engine.etcd.EtcdMember;
import io.cloudraft.kvs.service.engine.etcd.NeedsEtcd;
import io.cloudraft.kvs.service.http.EventStream.Event;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two replicas of the service over one etcd, as their clients see them. */
@NeedsEtcd
class EtcdServiceTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @TempDir Path directory;
  private EtcdCluster etcd;
  private RunningService one;
  private RunningService two;

  @BeforeEach
  void start() {
    etcd = EtcdCluster.ofOne(directory.resolve("etcd"));
    one = replica();
    two = replica();
  }

  private RunningService replica() {
    return replicaOver(etcd);
  }

  private RunningService replicaOver(EtcdCluster cluster) {
    String endpoints =
        cluster.members().stream()
            .map(member -> member.clientUrl().toString())
            .collect(Collectors.joining(","));
    return new RunningService(
        directory,
        null,
        "--kvs.engine=etcd",
        "--kvs.etcd.endpoints=" + endpoints,
        "--kvs.etcd.timeout=2000");
  }

  @AfterEach
  void stop() {
    one.close();
    two.close();
    etcd.close();
  }

  private EtcdMember member() {
    return etcd.members().getFirst();
  }

  @Test
  void bothReplicasServeOneStore() throws Exception {
    assertThat(one.put("/v1/kv/a-1", "x").headers().firstValue("ETag")).contains("\"1\"");

    assertThat(two.get("/v1/kv/a-1").body()).isEqualTo("x");
    assertThat(two.put("/v1/kv/a-1", "y", "If-Match", "\"1\"").statusCode()).isEqualTo(200);
    assertThat(one.put("/v1/kv/a-1", "z", "If-Match", "\"1\"").statusCode()).isEqualTo(412);
    assertThat(one.put("/v1/kv/a-2", "z", "If-None-Match", "*").statusCode()).isEqualTo(201);
    assertThat(two.get("/search?prefix=a").body()).isEqualTo("[\"a-1\",\"a-2\"]");
    String cursor =
        one.get("/v1/kv?limit=1").body().replaceAll("(?s).*\"cursor\":\"([^\"]*)\".*", "$1");
    assertThat(two.get("/v1/kv?cursor=" + cursor).body())
        .as("a cursor of one replica is good at another")
        .contains("{\"key\":\"a-2\"}");
  }

  @Test
  void onlyWhoAsksForItIsAnsweredByAMemberThatMayNotKnowTheLatest() throws Exception {
    try (EtcdCluster three = EtcdCluster.ofThree(directory.resolve("three"));
        RunningService service = replicaOver(three)) {
      EtcdMember follower =
          three.members().stream().filter(member -> !member.isLeader()).findFirst().orElseThrow();
      service.put("/v1/kv/a", "x");
      Awaitility.await()
          .atMost(PATIENCE)
          .untilAsserted(() -> assertThat(readsOf(follower, service)).isLessThan(10));
      assertThat(readsOf(follower, service, "Kvs-Consistency", "linearizable")).isLessThan(10);
      assertThat(readsOf(follower, service, "Kvs-Consistency", "serializable"))
          .isGreaterThanOrEqualTo(20);
    }
  }

  /** How many of 60 come to this member. */
  private static long readsOf(EtcdMember member, RunningService service, String... headers)
      throws Exception {
    long before = member.calls("Range");
    for (int i = 0; i < 60; i++) {
      assertThat(service.get("/v1/kv/a", headers).body()).isEqualTo("x");
    }
    return member.calls("Range") - before;
  }

  @Test
  void aWatchGoesOnAtAnotherReplica() throws Exception {
    String id;
    try (EventStream watch = new EventStream(one.port(), "?prefix=a&values=true")) {
      Objects.requireNonNull(watch.next());
      two.put("/v1/kv/a", "1");
      Event event = Objects.requireNonNull(watch.next());
      assertThat(event.data()).contains("\"value\":\"1\"");
      id = Objects.requireNonNull(event.id());
    }
    one.put("/v1/kv/b", "2");
    one.put("/v1/kv/a", "3");
    try (EventStream watch =
        new EventStream(two.port(), "?prefix=a&values=true", "Last-Event-ID: " + id)) {
      Objects.requireNonNull(watch.next());
      assertThat(Objects.requireNonNull(watch.next()).data()).contains("\"value\":\"3\"");
    }
  }

  @Test
  void isNotReadyWithoutEtcdAndSaysWhyAndComesBack() throws Exception {
    one.put("/v1/kv/a", "1");
    try (EventStream watch = new EventStream(one.port(), "?prefix=a&values=true")) {
      Objects.requireNonNull(watch.next());
      member().kill();

      HttpResponse<String> read = one.get("/v1/kv/a");
      assertThat(read.statusCode()).isEqualTo(503);
      assertThat(read.body()).contains("\"code\":\"unavailable\"");
      assertThat(read.headers().firstValue("Retry-After")).contains("1");
      assertThat(one.put("/v1/kv/a", "2").statusCode()).isEqualTo(503);
      Awaitility.await()
          .atMost(PATIENCE)
          .untilAsserted(
              () -> {
                HttpResponse<String> ready = one.get("/readyz");
                assertThat(ready.statusCode()).isEqualTo(503);
                assertThat(ready.body())
                    .contains(member().clientUrl().toString(), "Connection refused");
              });
      assertThat(one.get("/livez").statusCode()).isEqualTo(200);
      assertThat(one.get("/metrics").body())
          .contains("kvs_writable 0.0", "kvs_etcd_members_answering 0.0");

      member().start();
      Awaitility.await().atMost(PATIENCE).until(() -> one.get("/readyz").statusCode() == 200);

      assertThat(one.put("/v1/kv/a", "3").statusCode()).isEqualTo(200);
      assertThat(Objects.requireNonNull(watch.next()).data()).contains("\"value\":\"3\"");
    }
  }

  @Test
  void saysThatTheOutcomeOfAWriteIsUnknown() throws Exception {
    member().pause();
    try {
      HttpResponse<String> write = one.put("/v1/kv/a", "1");

      assertThat(write.statusCode()).isEqualTo(503);
      assertThat(write.body()).contains("\"code\":\"outcome_unknown\"", "may have been done");
    } finally {
      member().proceed();
    }
  }

  /** Deletions, and then what an operator of etcd does, let it take puts again. */
  @Test
  void saysThatEtcdIsFullAndGoesOnWhenItHasRoom() throws Exception {
    try (EtcdCluster small = EtcdCluster.withQuota(directory.resolve("small"), 16 * 1024 * 1024);
        RunningService service = replicaOver(small)) {
      Awaitility.await()
          .atMost(PATIENCE)
          .untilAsserted(
              () ->
                  assertThat(service.get("/v1/capabilities").body())
                      .contains("\"maxTotalBytes\":{\"value\":16777216}"));
      String value = "x".repeat(1_000_000);
      HttpResponse<String> last = service.put("/v1/kv/k0", value);
      for (int i = 1; i < 40 && last.statusCode() < 300; i++) {
        last = service.put("/v1/kv/k" + i, value);
      }

      assertThat(last.statusCode()).isEqualTo(503);
      assertThat(last.body()).contains("\"code\":\"disk_full\"", "--quota-backend-bytes");
      assertThat(last.headers().firstValue("Retry-After")).contains("10");
      assertThat(service.get("/v1/kv/k0").statusCode()).isEqualTo(200);
      for (int i = 0; service.delete("/v1/kv/k" + i).statusCode() == 204; i++) {
        // All of them.
      }
      String status = small.control("endpoint", "status", "--write-out=json");
      small.control("compact", status.replaceAll("(?s).*?\"revision\":(\\d+).*", "$1"));
      small.control("defrag");
      small.control("alarm", "disarm");
      Awaitility.await()
          .atMost(PATIENCE)
          .until(() -> service.put("/v1/kv/again", value).statusCode() == 201);
    }
  }

  @Test
  void answersWithGoneWhatEtcdHasCompacted() throws Exception {
    for (int i = 0; i < 5; i++) {
      one.put("/v1/kv/a" + i, "x");
    }
    String cursor =
        one.get("/v1/kv?limit=1").body().replaceAll("(?s).*\"cursor\":\"([^\"]*)\".*", "$1");
    for (int i = 0; i < 5; i++) {
      one.put("/v1/kv/a" + i, "y");
    }

    etcd.control("compact", "9");

    assertThat(one.get("/v1/watch?from=2").statusCode()).isEqualTo(410);
    assertThat(one.get("/v1/watch?from=2").body()).contains("\"code\":\"history_compacted\"");
    HttpResponse<String> page = two.get("/v1/kv?cursor=" + cursor);
    assertThat(page.statusCode()).isEqualTo(410);
    assertThat(page.body()).contains("\"code\":\"cursor_expired\"", "\"oldest\":7");
  }

  @Test
  void exportsAndImportsWithinTheLimitsOfEtcd() throws Exception {
    String lines =
        IntStream.range(0, 1000)
            .mapToObj(i -> "{\"key\":\"k%04d\",\"value\":\"v%d\"}\n".formatted(i, i))
            .collect(Collectors.joining());
    assertThat(one.post("/v1/import", lines).body()).contains("\"imported\":1000");

    String export = two.get("/v1/export").body();
    assertThat(export.lines()).hasSize(1002);
    assertThat(export).contains("{\"kvs\":\"end\",\"items\":1000,");
    assertThat(two.post("/v1/import", export).body()).contains("\"imported\":1000");
    Files.writeString(directory.resolve("export"), export);
    assertThat(one.get("/v1/kv?limit=1&count=true").body())
        .contains("\"count\":1000,\"countIsExact\":true");
  }

  @Test
  void tellsWhatEtcdCannotHold() throws Exception {
    assertThat(one.get("/v1/capabilities").body())
        .contains(
            "\"engine\":\"etcd\"",
            "\"etcdOperations\":{\"value\":128,\"setting\":\"KVS_ETCD_MAX_OPERATIONS\"}",
            "\"etcdRequestBytes\":{\"value\":1572864,\"setting\":\"KVS_ETCD_MAX_REQUEST_BYTES\"}")
        .doesNotContain("historySeconds");
    String puts =
        IntStream.range(0, 65)
            .mapToObj(i -> "{\"op\":\"put\",\"key\":\"k%d\",\"value\":\"\"}".formatted(i))
            .collect(Collectors.joining(","));
    HttpResponse<String> answer = one.post("/v1/txn", "{\"then\":[" + puts + "]}");
    assertThat(answer.statusCode()).isEqualTo(413);
    assertThat(answer.body())
        .contains("\"code\":\"transaction_too_large\"", "130 operations", "at most 128 at once");
  }
}
