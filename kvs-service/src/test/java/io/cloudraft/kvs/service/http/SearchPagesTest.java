package io.cloudraft.kvs.service.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloudraft.kvs.service.engine.memory.MemoryStore;
import io.cloudraft.kvs.service.store.Bytes;
import io.cloudraft.kvs.service.store.Key;
import io.cloudraft.kvs.service.store.Value;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class SearchPagesTest {
  @TempDir static Path directory;
  private static RunningService service;

  @BeforeAll
  static void start() throws Exception {
    service = new RunningService(directory);
    for (String key : List.of("xyz-2", "abc-1", "xyz-1", "abc-2")) {
      service.put("/v1/kv/" + key, "value of " + key);
    }
  }

  @AfterAll
  static void stop() {
    service.close();
  }

  private static String page(String query) throws Exception {
    HttpResponse<String> answer = service.get("/v1/kv" + query);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return answer.body();
  }

  private static List<String> keys(String page) {
    return json(page).get("items").valueStream().map(item -> item.get("key").asString()).toList();
  }

  private static JsonNode json(String text) {
    return JsonMapper.shared().readTree(text);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "prefix=abc | abc-1,abc-2",
        "suffix=-1 | abc-1,xyz-1",
        "prefix=abc&suffix=-1 | abc-1",
        "order=desc | xyz-2,xyz-1,abc-2,abc-1",
        "order=desc&prefix=x | xyz-2,xyz-1",
        "prefix=nobody |",
      })
  void findsTheMatchingKeysInTheOrderAskedFor(String query, String keys) throws Exception {
    assertThat(keys(page("?" + query)))
        .isEqualTo(keys == null ? List.of() : List.of(keys.split(",")));
  }

  @Test
  void answersWithKeysAloneUnlessToldOtherwise() throws Exception {
    assertThat(page(""))
        .matches(
            "\\{\"revision\":\\d+,\"items\":\\[\\{\"key\":\"abc-1\"},\\{\"key\":\"abc-2\"},\\{\"key\":\"xyz-1\"},\\{\"key\":\"xyz-2\"}],\"complete\":true}");
  }

  @Test
  void answersWithValuesCountAndPlan() throws Exception {
    assertThat(page("?prefix=abc&limit=1&values=true&count=true&explain=true"))
        .matches(
            "\\{\"revision\":\\d+,\"items\":\\[\\{\"key\":\"abc-1\",\"revision\":2,\"created\":2,\"version\":1,\"contentType\":\"application/octet-stream\",\"value\":\"value of abc-1\"}],\"complete\":false,\"cursor\":\"[A-Za-z0-9_-]+\",\"count\":2,\"countIsExact\":true,\"plan\":\\{\"index\":\"prefix\",\"estimatedByPrefix\":\\d+,\"estimatedBySuffix\":\\d+,\"visited\":2}}");
  }

  @Test
  void explainsThatTheRareSuffixWasWalked() throws Exception {
    String plan = page("?prefix=&suffix=bc-1&explain=true");

    assertThat(json(plan).get("plan").get("index").asString()).isEqualTo("suffix");
  }

  @Test
  void endsAPageWithTheItemThatFillsItsBytes() throws Exception {
    // A key has 5 bytes, and its value 14.
    assertThat(keys(page("?values=true&bytes=19"))).hasSize(1);
    assertThat(keys(page("?values=true&bytes=20"))).hasSize(2);
    assertThat(keys(page("?bytes=10"))).hasSize(2);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "limit=1",
        "limit=3&order=desc",
        "limit=2&values=true",
        "bytes=1",
        "suffix=-1&limit=1"
      })
  void leadsFromPageToPageByCursorAlone(String query) throws Exception {
    List<String> all = keys(page("?" + query.replaceAll("(limit|bytes)=\\d+", "")));
    List<String> found = new ArrayList<>();
    String page = page("?" + query);
    while (true) {
      found.addAll(keys(page));
      if (json(page).get("complete").asBoolean()) {
        break;
      }
      page = page("?limit=1&cursor=" + json(page).get("cursor").asString());
    }

    assertThat(found).isEqualTo(all);
  }

  @Test
  void hasACursorForTheLongestKeys() throws Exception {
    String longest = "é".repeat(512);
    service.put("/v1/kv?key=" + "%C3%A9".repeat(512), "");
    service.put("/v1/kv?key=" + "%C3%A9".repeat(511) + "xy", "");
    try {
      String query = "?limit=1&prefix=%s&suffix=".formatted("%C3%A9".repeat(511));
      String first = page(query);
      assertThat(keys(first).getFirst()).endsWith("xy");
      assertThat(keys(page(query + "&cursor=" + json(first).get("cursor").asString())))
          .containsExactly(longest);
    } finally {
      service.delete("/v1/kv?key=" + "%C3%A9".repeat(512));
      service.delete("/v1/kv?key=" + "%C3%A9".repeat(511) + "xy");
    }
  }

  @Test
  void refusesAnAlteredCursor() throws Exception {
    String cursor = json(page("?limit=1")).get("cursor").asString();
    HttpResponse<String> answer =
        service.get("/v1/kv?cursor=A" + cursor.substring(1).replace('A', 'B'));

    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.headers().firstValue("Content-Type")).contains("application/problem+json");
    assertThat(answer.body()).contains("\"code\":\"cursor_invalid\"");
  }

  @Test
  void refusesWhatItDoesNotKnow() throws Exception {
    HttpResponse<String> answer = service.get("/v1/kv?prefx=a");

    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body()).contains("\"code\":\"malformed\"", "prefx");
  }

  @Test
  void takesACursorUpAgainAfterARestart(@TempDir Path other) throws Exception {
    String cursor;
    try (RunningService first = new RunningService(other)) {
      first.put("/v1/kv/a", "");
      first.put("/v1/kv/b", "");
      cursor = json(first.get("/v1/kv?limit=1").body()).get("cursor").asString();
    }
    try (RunningService second = new RunningService(other)) {
      assertThat(keys(second.get("/v1/kv?cursor=" + cursor).body())).containsExactly("b");
    }
  }

  @Test
  void saysThatACursorIsTooOld(@TempDir Path other) throws Exception {
    try (RunningService forgetful = new RunningService(other, null, "--kvs.history-seconds=1")) {
      forgetful.put("/v1/kv/a", "");
      forgetful.put("/v1/kv/b", "");
      String next =
          "/v1/kv?cursor=" + json(forgetful.get("/v1/kv?limit=1").body()).get("cursor").asString();
      forgetful.put("/v1/kv/c", "");
      assertThat(keys(forgetful.get(next).body())).containsExactly("b", "c");

      Awaitility.await().until(() -> forgetful.get(next).statusCode() == 410);
      assertThat(forgetful.get(next).body())
          .contains("\"code\":\"cursor_expired\"", "\"oldest\":4", "read at revision 2");
    }
  }

  /** Keys come and go between the pages; those that stay are found once each. */
  @Test
  void neitherRepeatsNorSkipsWhatStaysWhileOthersWrite(@TempDir Path other) throws Exception {
    List<String> staying = IntStream.range(0, 200).mapToObj("k%03d-stays"::formatted).toList();
    AtomicBoolean done = new AtomicBoolean();
    try (RunningService busy = new RunningService(other);
        ExecutorService thread = Executors.newSingleThreadExecutor()) {
      for (String key : staying) {
        busy.put("/v1/kv/" + key, "");
      }
      Callable<Integer> writing =
          () -> {
            int writes = 0;
            for (; !done.get(); writes++) {
              String key = "k%03d-%d".formatted(writes * 7 % 200, writes % 3);
              if (writes % 2 == 0) {
                busy.put("/v1/kv/" + key, "x");
              } else {
                busy.delete("/v1/kv/" + key);
              }
              busy.put("/v1/kv/" + staying.get(writes % 200), "again");
            }
            return writes;
          };
      Future<Integer> writer = thread.submit(writing);
      try {
        for (String query : List.of("prefix=k", "prefix=k&order=desc", "suffix=-stays")) {
          List<String> found = new ArrayList<>();
          String page = busy.get("/v1/kv?limit=7&" + query).body();
          while (true) {
            found.addAll(keys(page));
            if (json(page).get("complete").asBoolean()) {
              break;
            }
            page = busy.get("/v1/kv?limit=7&cursor=" + json(page).get("cursor").asString()).body();
          }

          assertThat(found).as(query).doesNotHaveDuplicates();
          assertThat(found.stream().filter(key -> key.endsWith("-stays")).sorted().toList())
              .as(query)
              .isEqualTo(staying);
        }
      } finally {
        done.set(true);
      }
      assertThat(writer.get()).as("writes meanwhile").isPositive();
    }
  }

  @Test
  void spellsBytesThatAreNoTextInBase64(@TempDir Path other) throws Exception {
    try (MemoryStore store = new MemoryStore();
        RunningService binary = new RunningService(other, store)) {
      store.put(Key.of("raw"), new Value("a/b", Bytes.wrap(new byte[] {(byte) 0xff, 0}))).join();

      assertThat(binary.get("/v1/kv?values=true").body())
          .contains("\"contentType\":\"a/b\",\"base64\":\"/wA=\"");
    }
  }
}
