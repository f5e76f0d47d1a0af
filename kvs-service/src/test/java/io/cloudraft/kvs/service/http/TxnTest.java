package io.cloudraft.kvs.service.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class TxnTest {
  private static final int MAX_VALUE = 1024 * 1024;
  private static final int MAX_BODY = 1024 + 6 * (1024 + MAX_VALUE);
  private static final JsonMapper JSON = new JsonMapper();
  private static final AtomicInteger NUMBER = new AtomicInteger();

  @TempDir static Path directory;
  private static RunningService service;

  @BeforeAll
  static void start() {
    service = new RunningService(directory);
  }

  @AfterAll
  static void stop() {
    service.close();
  }

  private static String newKey() {
    return "key-" + NUMBER.incrementAndGet();
  }

  /** Sends a body that is written with single quotes. */
  @SuppressWarnings("AnnotateFormatMethod") // the annotation is no dependency of ours
  private static HttpResponse<String> txn(String body, Object... parts) throws Exception {
    return service.post("/v1/txn", body.formatted(parts).replace('\'', '"'));
  }

  private static JsonNode done(String body, Object... parts) throws Exception {
    HttpResponse<String> answer = txn(body, parts);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Content-Type")).contains("application/json");
    return JSON.readTree(answer.body());
  }

  private static long put(String key, String value) throws Exception {
    HttpResponse<String> answer = service.put("/v1/kv/" + key, value);
    return Long.parseLong(answer.headers().firstValue("ETag").orElseThrow().replace("\"", ""));
  }

  @Test
  void answersEveryOperationInItsOrder() throws Exception {
    String old = newKey();
    String fresh = newKey();
    long before = put(old, "1");

    HttpResponse<String> answer =
        txn(
            """
            {'then':[{'op':'put','key':'%s','value':'2'},{'op':'put','key':'%s','base64':'/wA='},{'op':'get','key':'%s'},
             {'op':'get','key':'%s'},{'op':'delete','key':'nobody'},{'op':'get','key':'nobody'}]}
            """,
            old, fresh, old, fresh);

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body())
        .isEqualTo(
            """
            {'succeeded':true,'revision':%2$d,'results':[\
            {'key':'%3$s','revision':%2$d,'created':%1$d,'version':2},\
            {'key':'%4$s','revision':%2$d,'created':%2$d,'version':1},\
            {'key':'%3$s','found':true,'revision':%2$d,'created':%1$d,'version':2,'contentType':'text/plain;charset=utf-8','value':'2'},\
            {'key':'%4$s','found':true,'revision':%2$d,'created':%2$d,'version':1,'contentType':'application/octet-stream','base64':'/wA='},\
            {'key':'nobody','deleted':false},\
            {'key':'nobody','found':false}]}"""
                .replace('\'', '"')
                .formatted(before, before + 1, old, fresh));
    assertThat(service.sendForBytes(service.request("/v1/kv/" + fresh)).body())
        .containsExactly(0xff, 0);
  }

  @Test
  void deletes() throws Exception {
    String key = newKey();
    long revision = put(key, "1");

    JsonNode answer = done("{'then':[{'op':'delete','key':'%s'}]}", key);

    assertThat(answer.get("revision").longValue()).isEqualTo(revision + 1);
    assertThat(answer.get("results").toString())
        .isEqualTo("[{\"key\":\"%s\",\"deleted\":true}]".formatted(key));
    assertThat(service.get("/v1/kv/" + key).statusCode()).isEqualTo(404);
  }

  @Test
  void hasTheRevisionOfTheLastChangeWhenItChangesNothing() throws Exception {
    long revision = put(newKey(), "1");

    assertThat(done("{}").toString())
        .isEqualTo("{\"succeeded\":true,\"revision\":%d,\"results\":[]}".formatted(revision));
    assertThat(done("{'then':[{'op':'delete','key':'nobody'}]}").get("revision").longValue())
        .isEqualTo(revision);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "{'key':'KEY','revision':NOW} | true",
        "{'key':'KEY','revision':1234567} | false",
        "{'key':'KEY','version':2} | true",
        "{'key':'KEY','version':1} | false",
        "{'key':'KEY','value':'é'} | true",
        "{'key':'KEY','value':'e'} | false",
        "{'key':'KEY','base64':'w6k='} | true",
        "{'key':'KEY','base64':''} | false",
        "{'key':'KEY','exists':true} | true",
        "{'key':'KEY','exists':false} | false",
        "{'key':'nobody','exists':false} | true",
        "{'key':'nobody','exists':true} | false",
        "{'key':'nobody','revision':NOW} | false",
        "{'key':'nobody','version':1} | false",
        "{'key':'nobody','value':''} | false",
      })
  void comparesBeforeItChangesAnything(String compare, boolean holds) throws Exception {
    String key = newKey();
    String other = newKey();
    put(key, "1");
    String now = Long.toString(put(key, "é"));
    String body =
        "{'compare':[%s],'then':[{'op':'put','key':'%s','value':'then'}],'else':[{'op':'put','key':'%s','value':'else'},{'op':'get','key':'%s'}]}";

    JsonNode answer =
        done(body, compare.replace("KEY", key).replace("NOW", now), other, other, other);

    assertThat(answer.get("succeeded").booleanValue()).isEqualTo(holds);
    assertThat(answer.get("results")).hasSize(holds ? 1 : 2);
    assertThat(service.get("/v1/kv/" + other).body()).isEqualTo(holds ? "then" : "else");
  }

  @Test
  void namesTheComparisonThatFailsWhenThereIsNoElse() throws Exception {
    String key = newKey();
    String other = newKey();
    long revision = put(key, "1");

    HttpResponse<String> answer =
        txn(
            "{'compare':[{'key':'%s','exists':true},{'key':'%s','version':2}],'then':[{'op':'put','key':'%s','value':''}]}",
            key, key, other);

    assertThat(answer.statusCode()).isEqualTo(409);
    assertThat(answer.headers().firstValue("Content-Type")).contains("application/problem+json");
    assertThat(answer.body())
        .isEqualTo(
            """
            {'title':'Conflict','status':409,'code':'compare_failed',\
            'detail':'The comparison compare[1] does not hold: the key is at revision %d. Nothing was changed.',\
            'compare':1,'key':'%s','revision':%d}"""
                .replace('\'', '"')
                .formatted(revision, key, revision));
    assertThat(service.get("/v1/kv/" + other).statusCode()).isEqualTo(404);
    assertThat(txn("{'compare':[{'key':'nobody','version':1}]}").body())
        .contains("compare[0] does not hold: there is no such key")
        .endsWith("\"compare\":0,\"key\":\"nobody\",\"revision\":null}");
  }

  @Test
  void succeedsNotButAnswersWhenElseIsEmpty() throws Exception {
    long revision = put(newKey(), "1");

    assertThat(done("{'compare':[{'key':'nobody','exists':true}],'else':[]}").toString())
        .isEqualTo("{\"succeeded\":false,\"revision\":%d,\"results\":[]}".formatted(revision));
  }

  @Test
  void givesATimeToLive() throws Exception {
    String key = newKey();
    Instant before = Instant.ofEpochMilli(System.currentTimeMillis());

    JsonNode answer = done("{'then':[{'op':'put','key':'%s','value':'x','ttl':0.5}]}", key);

    Instant expires = Instant.parse(answer.at("/results/0/expires").stringValue());
    assertThat(expires).isBetween(before.plusMillis(500), Instant.now().plusMillis(500));
    while (Instant.now().isBefore(expires)) {
      Thread.sleep(20);
    }
    assertThat(done("{'then':[{'op':'get','key':'%s'}]}", key).at("/results/0/found"))
        .hasToString("false");
  }

  @Test
  void takesAsManyOperationsAsItSays() throws Exception {
    List<String> puts = new ArrayList<>();
    for (int i = 0; i < 128; i++) {
      puts.add("{'op':'put','key':'many-%d','value':'%d'}".formatted(i, i));
    }
    assertThat(done("{'then':[" + String.join(",", puts) + "]}").get("results")).hasSize(128);
    assertThat(service.get("/v1/kv/many-127").body()).isEqualTo("127");

    puts.add("{'op':'put','key':'many-128','value':''}");
    HttpResponse<String> answer = txn("{'then':[" + String.join(",", puts) + "]}");

    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body())
        .contains("\"code\":\"malformed\"", "\\\"then\\\" has more than 128 items");
  }

  @Test
  void changesNothingWhenOneOperationIsRefused() throws Exception {
    String key = newKey();

    HttpResponse<String> answer =
        txn(
            "{'then':[{'op':'put','key':'%s','value':''},{'op':'put','key':'large','value':'%s'}]}",
            key, "x".repeat(MAX_VALUE + 1));

    assertThat(answer.statusCode()).isEqualTo(413);
    assertThat(answer.body())
        .contains("\"code\":\"value_too_large\"", "then[1].value", "KVS_MAX_VALUE_BYTES");
    assertThat(service.get("/v1/kv/" + key).statusCode()).isEqualTo(404);
  }

  @Test
  void takesTheLargestValueInItsLongestForm() throws Exception {
    done("{'then':[{'op':'put','key':'large','value':'%s'}]}", "\\u0041".repeat(MAX_VALUE));

    assertThat(service.get("/v1/kv/large").body()).isEqualTo("A".repeat(MAX_VALUE));
  }

  @Test
  void refusesABodyThatIsTooLarge() throws Exception {
    HttpResponse<String> answer = txn("{'then':[]}" + " ".repeat(MAX_BODY));

    assertThat(answer.statusCode()).isEqualTo(413);
    assertThat(answer.body())
        .contains("\"code\":\"body_too_large\"", Integer.toString(MAX_BODY), "KVS_MAX_VALUE_BYTES");
  }

  @Test
  void refusesParametersAndOtherMethods() throws Exception {
    assertThat(service.post("/v1/txn?ttl=1", "{}").statusCode()).isEqualTo(400);
    assertThat(service.get("/v1/txn").statusCode()).isEqualTo(405);
    assertThat(service.get("/v1/txn").headers().firstValue("Allow")).contains("POST");
  }

  /** Whoever looks, and whenever: what was moved between accounts is in one of them. */
  @Test
  void isSeenWholeOrNotAtAll() throws Exception {
    int accounts = 4;
    int each = 1000;
    for (int i = 0; i < accounts; i++) {
      put("account-" + i, Integer.toString(each));
    }
    String readAll =
        "{'then':[{'op':'get','key':'account-0'},{'op':'get','key':'account-1'},{'op':'get','key':'account-2'},{'op':'get','key':'account-3'}]}";
    AtomicBoolean over = new AtomicBoolean();
    List<Callable<Integer>> movers = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      int seed = i;
      movers.add(() -> move(new java.util.Random(seed), accounts));
    }

    int sums = 0;
    int moved = 0;
    try (ExecutorService threads = Executors.newCachedThreadPool()) {
      Future<Integer> reader =
          threads.submit(
              () -> {
                int looked = 0;
                for (; !over.get(); looked++) {
                  int sum = 0;
                  for (JsonNode result : done(readAll).get("results")) {
                    sum += Integer.parseInt(result.get("value").stringValue());
                  }
                  assertThat(sum).isEqualTo(accounts * each);
                }
                return looked;
              });
      for (Future<Integer> mover : threads.invokeAll(movers)) {
        moved += mover.get();
      }
      over.set(true);
      sums = reader.get();
    }
    assertThat(moved).isGreaterThan(20);
    assertThat(sums).isGreaterThan(5);
  }

  /** Moves amounts until a hundred attempts are over, and returns how many went through. */
  private static int move(java.util.Random random, int accounts) throws Exception {
    int moved = 0;
    for (int attempt = 0; attempt < 100; attempt++) {
      int from = random.nextInt(accounts);
      int to = (from + 1 + random.nextInt(accounts - 1)) % accounts;
      int amount = 1 + random.nextInt(9);
      JsonNode read =
          done(
              "{'then':[{'op':'get','key':'account-%d'},{'op':'get','key':'account-%d'}]}",
              from, to);
      HttpResponse<String> answer =
          txn(
              """
              {'compare':[{'key':'account-%1$d','revision':%3$d},{'key':'account-%2$d','revision':%4$d}],
               'then':[{'op':'put','key':'account-%1$d','value':'%5$d'},{'op':'put','key':'account-%2$d','value':'%6$d'}]}
              """,
              from,
              to,
              read.at("/results/0/revision").longValue(),
              read.at("/results/1/revision").longValue(),
              Integer.parseInt(read.at("/results/0/value").stringValue()) - amount,
              Integer.parseInt(read.at("/results/1/value").stringValue()) + amount);
      assertThat(answer.statusCode()).isIn(200, 409);
      moved += answer.statusCode() == 200 ? 1 : 0;
    }
    return moved;
  }

  /** Each takes all the room that there is for what is read, and must give it back. */
  @Test
  void givesBackTheRoomForWhatItReads() throws Exception {
    String gets = String.join(",", Collections.nCopies(128, "{'op':'get','key':'nobody'}"));
    long before = System.nanoTime();
    for (int i = 0; i < 20; i++) {
      done("{'then':[" + gets + "]}");
      assertThat(
              txn("{'compare':[{'key':'nobody','exists':true}],'then':[" + gets + "]}")
                  .statusCode())
          .isEqualTo(409);
    }

    assertThat(System.nanoTime() - before).isLessThan(4_000_000_000L);
  }

  /**
   * What broke off takes its own time to be cleared away, and must not end a request that came to
   * sit in its place: clients saw their connections close without an answer.
   */
  @Test
  void hurtsNobodyElseWhenAClientBreaksOff() throws Exception {
    put("heavy", "x".repeat(MAX_VALUE));
    String body =
        "{\"then\":["
            + String.join(",", Collections.nCopies(16, "{\"op\":\"get\",\"key\":\"heavy\"}"))
            + "]}";
    AtomicBoolean over = new AtomicBoolean();
    try (ExecutorService threads = Executors.newCachedThreadPool()) {
      List<Future<Integer>> others = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        String key = newKey();
        others.add(
            threads.submit(
                () -> {
                  int sent = 0;
                  for (; !over.get(); sent++) {
                    String value = Integer.toString(sent);
                    put(key, value);
                    assertThat(service.get("/v1/kv/" + key).body()).isEqualTo(value);
                  }
                  return sent;
                }));
      }
      for (int i = 0; i < 40; i++) {
        try (Socket breaksOff = new Socket()) {
          breaksOff.setReceiveBufferSize(4096);
          breaksOff.setSoLinger(true, 0);
          breaksOff.connect(new java.net.InetSocketAddress("localhost", service.port()));
          breaksOff
              .getOutputStream()
              .write(
                  "POST /v1/txn HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s"
                      .formatted(body.length(), body)
                      .getBytes(StandardCharsets.UTF_8));
          assertThat(breaksOff.getInputStream().read()).isEqualTo('H');
        }
      }
      over.set(true);
      for (Future<Integer> other : others) {
        assertThat(other.get()).isPositive();
      }
    }
  }

  /** No large answer is written on the thread of the store, as it has only one for all answers. */
  @Test
  void goesOnWhileAClientDoesNotReadItsLargeAnswer() throws Exception {
    put("heavy", "x".repeat(MAX_VALUE));
    String body =
        "{\"then\":["
            + String.join(",", Collections.nCopies(16, "{\"op\":\"get\",\"key\":\"heavy\"}"))
            + "]}";
    try (Socket stalled = new Socket()) {
      stalled.setReceiveBufferSize(4096);
      stalled.connect(new java.net.InetSocketAddress("localhost", service.port()));
      stalled
          .getOutputStream()
          .write(
              "POST /v1/txn HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s"
                  .formatted(body.length(), body)
                  .getBytes(StandardCharsets.UTF_8));
      assertThat(stalled.getInputStream().read()).isEqualTo('H');

      long before = System.nanoTime();
      for (int i = 0; i < 20; i++) {
        String key = newKey();
        assertThatCode(() -> put(key, "1")).doesNotThrowAnyException();
      }

      assertThat(System.nanoTime() - before).isLessThan(3_000_000_000L);
    }
  }
}
