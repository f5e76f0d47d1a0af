package io.cloudraft.kvs.service.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cloudraft.kvs.service.codec.Expiry;
import java.io.ByteArrayInputStream;
import java.net.URLEncoder;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class KvTest {
  private static final int MAX_KEY = 1024;
  private static final int MAX_VALUE = 1024 * 1024;
  private static final AtomicInteger NUMBER = new AtomicInteger();

  @TempDir static Path directory;
  private static RunningService service;

  /** The path of a key that no other test uses, and that does not exist. */
  private String path = "";

  @BeforeAll
  static void start() {
    service = new RunningService(directory);
  }

  @AfterAll
  static void stop() {
    service.close();
  }

  @BeforeEach
  void anotherKey() {
    path = "/v1/kv/key-" + NUMBER.incrementAndGet();
  }

  private static String header(HttpResponse<?> answer, String name) {
    return answer.headers().firstValue(name).orElse("(none)");
  }

  private static String tag(HttpResponse<?> answer) {
    assertThat(header(answer, "ETag")).matches("\"[1-9][0-9]*\"");
    return header(answer, "ETag");
  }

  private static long revision(HttpResponse<?> answer) {
    return Long.parseLong(tag(answer).replace("\"", ""));
  }

  private static void assertProblem(HttpResponse<String> answer, int status, String code) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    assertThat(header(answer, "Content-Type")).isEqualTo("application/problem+json");
    assertThat(header(answer, "X-Content-Type-Options")).isEqualTo("nosniff");
    assertThat(answer.body())
        .contains("\"status\":" + status + ",\"code\":\"" + code + "\",\"detail\":\"");
  }

  /** In place of the words of a table: the entity tag of the key, and one that it never had. */
  private static String[] conditions(String ifMatch, String ifNoneMatch, String tag) {
    List<String> headers = new ArrayList<>();
    if (!ifMatch.equals("-")) {
      headers.addAll(List.of("If-Match", ifMatch.replace("NOW", tag).replace("OLD", "\"0\"")));
    }
    if (!ifNoneMatch.equals("-")) {
      headers.addAll(
          List.of("If-None-Match", ifNoneMatch.replace("NOW", tag).replace("OLD", "\"0\"")));
    }
    return headers.toArray(String[]::new);
  }

  @Test
  void createsAndThenReplaces() throws Exception {
    HttpResponse<String> first = service.put(path, "1");
    HttpResponse<String> second = service.put(path, "2");

    assertThat(first.statusCode()).isEqualTo(201);
    assertThat(header(first, "Kvs-Version")).isEqualTo("1");
    assertThat(header(first, "Kvs-Created")).isEqualTo(Long.toString(revision(first)));
    assertThat(second.statusCode()).isEqualTo(200);
    assertThat(header(second, "Kvs-Version")).isEqualTo("2");
    assertThat(header(second, "Kvs-Created")).isEqualTo(Long.toString(revision(first)));
    assertThat(revision(second)).isGreaterThan(revision(first));
    for (HttpResponse<String> answer : List.of(first, second)) {
      assertThat(answer.body()).isEmpty();
      assertThat(header(answer, "Kvs-Expires")).isEqualTo("(none)");
      assertThat(header(answer, "X-Content-Type-Options")).isEqualTo("nosniff");
    }
    assertThat(service.get(path).body()).isEqualTo("2");
  }

  @Test
  void givesBackEveryByteAndWhatIsKnownOfTheKey() throws Exception {
    byte[] bytes = new byte[256];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) i;
    }
    HttpResponse<String> put =
        service.send(service.request(path).PUT(BodyPublishers.ofByteArray(bytes)));

    HttpResponse<byte[]> answer = service.sendForBytes(service.request(path));

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).isEqualTo(bytes);
    assertThat(header(answer, "Content-Length")).isEqualTo("256");
    assertThat(header(answer, "Content-Type")).isEqualTo("application/octet-stream");
    for (String name : List.of("ETag", "Kvs-Created", "Kvs-Version")) {
      assertThat(header(answer, name)).isEqualTo(header(put, name));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "text/html",
        "text/html; charset=UTF-8",
        "Text/HTML;Charset=\"utf-8\"; a=b",
        "text/plain; charset=nonsense",
        "application/json",
        "a/b; charset",
      })
  void keepsTheContentTypeToTheLetter(String contentType) throws Exception {
    service.put(path, "x", "Content-Type", contentType);

    assertThat(header(service.get(path), "Content-Type")).isEqualTo(contentType);
  }

  @Test
  void keepsTheLongestContentType() throws Exception {
    String longest = "a/" + "b".repeat(253);

    assertThat(service.put(path, "x", "Content-Type", longest).statusCode()).isEqualTo(201);
    assertThat(header(service.get(path), "Content-Type")).isEqualTo(longest);
    HttpResponse<String> refused = service.put(path, "x", "Content-Type", longest + "c");
    assertProblem(refused, 400, "malformed");
    assertThat(refused.body()).contains("Content-Type must have 1 to 255", "it has 256");
  }

  @ParameterizedTest
  @ValueSource(strings = {"Content-Type: ", "Content-Type: t\u00e9xt", "Content-Type: a\tb"})
  void refusesAContentTypeThatIsNoText(String header) throws Exception {
    assertThat(
            service.raw(
                "PUT %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 1\r\n%s\r\n\r\nx"
                    .formatted(path, header)))
        .startsWith("HTTP/1.1 400")
        .contains("\"code\":\"malformed\"", "header Content-Type must have 1 to 255");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/v1/kv/", "/get/"})
  void letsNoStoredPageRun(String prefix) throws Exception {
    service.put(path, "<script>", "Content-Type", "text/html");

    HttpResponse<String> answer = service.get(prefix + path.substring("/v1/kv/".length()));

    assertThat(header(answer, "Content-Type")).isEqualTo("text/html");
    assertThat(header(answer, "Content-Security-Policy")).isEqualTo("default-src 'none'; sandbox");
    assertThat(header(answer, "X-Content-Type-Options")).isEqualTo("nosniff");
    assertThat(header(answer, "Cache-Control")).isEqualTo("no-cache");
  }

  @Test
  void answersHeadAsGetWithoutABody() throws Exception {
    service.put(path + "?ttl=100", "12345", "Content-Type", "a/b");
    HttpResponse<String> get = service.get(path);

    HttpResponse<String> head =
        service.send(service.request(path).method("HEAD", BodyPublishers.noBody()));

    assertThat(head.statusCode()).isEqualTo(200);
    assertThat(head.body()).isEmpty();
    assertThat(header(head, "Content-Length")).isEqualTo("5");
    for (String name :
        List.of("ETag", "Kvs-Created", "Kvs-Version", "Kvs-Expires", "Content-Type")) {
      assertThat(header(head, name)).isEqualTo(header(get, name)).isNotEqualTo("(none)");
    }
  }

  @Test
  void ignoresRanges() throws Exception {
    service.put(path, "12345");

    HttpResponse<String> answer = service.get(path, "Range", "bytes=1-2");

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).isEqualTo("12345");
  }

  @Test
  void saysThatAKeyIsNotThere() throws Exception {
    assertProblem(service.get(path), 404, "key_not_found");
    assertThat(service.get(path).body()).startsWith("{\"title\":\"Not Found\",\"status\":404,");
    assertProblem(service.delete(path), 404, "key_not_found");
  }

  @Test
  void deletes() throws Exception {
    HttpResponse<String> put = service.put(path, "x");

    HttpResponse<String> answer = service.delete(path);

    assertThat(answer.statusCode()).isEqualTo(204);
    assertThat(answer.body()).isEmpty();
    assertThat(Long.parseLong(header(answer, "Kvs-Revision"))).isGreaterThan(revision(put));
    assertThat(service.get(path).statusCode()).isEqualTo(404);
    assertThat(header(service.put(path, "y"), "Kvs-Version")).isEqualTo("1");
  }

  /** NOW stands for the tag that the key has, OLD for one that it never had. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "NOW | - | 200",
        "* | - | 200",
        "OLD, NOW | - | 200",
        " , ,NOW, | - | 200",
        "\"a\",\t NOW | - | 200",
        "OLD | - | 412",
        "\"abc\" | - | 412",
        "\"\" | - | 412",
        "- | NOW | 304",
        "- | W/NOW | 304",
        "- | * | 304",
        "- | \"x\", NOW | 304",
        "- | OLD | 200",
        "- | \"\" | 200",
        "NOW | OLD | 200",
        "NOW | NOW | 304",
        "OLD | NOW | 412",
        "OLD | OLD | 412",
      })
  void readsUnderConditions(String ifMatch, String ifNoneMatch, int status) throws Exception {
    HttpResponse<String> put = service.put(path + "?ttl=100", "x");
    String[] conditions = conditions(ifMatch, ifNoneMatch, tag(put));

    HttpResponse<String> answer = service.get(path, conditions);

    assertThat(answer.statusCode()).isEqualTo(status);
    assertThat(tag(answer)).isEqualTo(tag(put));
    if (status == 412) {
      assertProblem(answer, 412, "precondition_failed");
      assertThat(answer.body()).endsWith(",\"revision\":" + revision(put) + "}");
    } else {
      assertThat(answer.body()).isEqualTo(status == 200 ? "x" : "");
      for (String name : List.of("Kvs-Created", "Kvs-Version", "Kvs-Expires")) {
        assertThat(header(answer, name)).isEqualTo(header(put, name));
      }
      assertThat(header(answer, "Cache-Control")).isEqualTo("no-cache");
    }
  }

  @ParameterizedTest
  @CsvSource({"*,-,412", "OLD,-,412", "-,*,404", "-,OLD,404"})
  void readsAMissingKeyUnderConditions(String ifMatch, String ifNoneMatch, int status)
      throws Exception {
    HttpResponse<String> answer = service.get(path, conditions(ifMatch, ifNoneMatch, ""));

    assertProblem(answer, status, status == 412 ? "precondition_failed" : "key_not_found");
    assertThat(answer.body().endsWith(",\"revision\":null}")).isEqualTo(status == 412);
    assertThat(header(answer, "ETag")).isEqualTo("(none)");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "NOW | - | true",
        "* | - | true",
        "OLD, NOW | - | true",
        "OLD | - | false",
        "\"abc\" | - | false",
        "- | * | false",
        "- | NOW | false",
        "- | W/NOW | false",
        "- | OLD, NOW | false",
        "- | OLD | true",
        "NOW | OLD | true",
        "NOW | * | false",
        "OLD | OLD | false",
      })
  void changesAKeyUnderConditions(String ifMatch, String ifNoneMatch, boolean holds)
      throws Exception {
    HttpResponse<String> first = service.put(path, "1");
    String[] conditions = conditions(ifMatch, ifNoneMatch, tag(first));

    HttpResponse<String> put = service.put(path, "2", conditions);

    if (holds) {
      assertThat(put.statusCode()).isEqualTo(200);
      assertThat(service.get(path).body()).isEqualTo("2");
      assertThat(service.delete(path, conditions(ifMatch, ifNoneMatch, tag(put))).statusCode())
          .isEqualTo(204);
      assertThat(service.get(path).statusCode()).isEqualTo(404);
    } else {
      for (HttpResponse<String> refused : List.of(put, service.delete(path, conditions))) {
        assertProblem(refused, 412, "precondition_failed");
        assertThat(refused.body())
            .contains("the key is at revision " + revision(first))
            .endsWith(",\"revision\":" + revision(first) + "}");
        assertThat(tag(refused)).isEqualTo(tag(first));
      }
      HttpResponse<String> still = service.get(path);
      assertThat(still.body()).isEqualTo("1");
      assertThat(tag(still)).isEqualTo(tag(first));
    }
  }

  @ParameterizedTest
  @CsvSource({"*,-,412,412", "OLD,-,412,412", "-,*,201,404", "-,OLD,201,404", "*,*,412,412"})
  void changesAMissingKeyUnderConditions(
      String ifMatch, String ifNoneMatch, int ofPut, int ofDelete) throws Exception {
    String[] conditions = conditions(ifMatch, ifNoneMatch, "");

    HttpResponse<String> delete = service.delete(path, conditions);
    HttpResponse<String> put = service.put(path, "x", conditions);

    assertThat(delete.statusCode()).isEqualTo(ofDelete);
    assertThat(put.statusCode()).isEqualTo(ofPut);
    if (ofPut == 412) {
      assertThat(put.body()).contains("there is no such key").endsWith(",\"revision\":null}");
      assertThat(header(put, "ETag")).isEqualTo("(none)");
      assertThat(service.get(path).statusCode()).isEqualTo(404);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "If-Match | 12 | position 1",
        "If-Match | abc | position 1",
        "If-Match | , | position 2",
        "If-Match | \"1 | position 1",
        "If-Match | \"1\" \"2\" | position 5",
        "If-Match | \"1\", * | position 6",
        "If-Match | *, \"1\" | position 1",
        "If-Match | \"1 2\" | position 1",
        "If-Match | W/\"1\" | weak tag W/\\\"1\\\" at position 1",
        "If-Match | \"2\", W/\"1\" | weak tag W/\\\"1\\\" at position 6",
        "If-None-Match | 12 | position 1",
        "If-None-Match | w/\"1\" | position 1",
        "If-None-Match | W/ | position 1",
        "If-None-Match | *,* | position 1",
      })
  void neverIgnoresAConditionThatItCannotRead(String name, String value, String where)
      throws Exception {
    service.put(path, "1");

    for (HttpResponse<String> answer :
        List.of(
            service.get(path, name, value),
            service.put(path, "2", name, value),
            service.delete(path, name, value))) {
      assertProblem(answer, 400, "malformed");
      assertThat(answer.body()).contains("The header " + name, where);
    }
    assertThat(service.get(path).body()).isEqualTo("1");
  }

  @Test
  void refusesAnEmptyCondition() throws Exception {
    assertThat(
            service.raw(
                "DELETE %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\nIf-Match:\r\n\r\n"
                    .formatted(path)))
        .startsWith("HTTP/1.1 400")
        .contains("The header If-Match");
  }

  @Test
  void takesAConditionOnSeveralLinesAsOneList() throws Exception {
    String tag = tag(service.put(path, "1"));
    String request =
        "PUT %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 1\r\nIf-Match: \"0\"\r\nIf-Match: %s\r\n\r\n2";

    assertThat(service.raw(request.formatted(path, tag))).startsWith("HTTP/1.1 200");
    assertThat(service.raw(request.formatted(path, tag))).startsWith("HTTP/1.1 412");
  }

  @Test
  void losesNoUpdateOfManyClientsThatComeWithTheRevisionThatTheyRead() throws Exception {
    int clients = 8;
    int updates = 25;
    service.put(path, "0");
    List<Callable<Integer>> work = new ArrayList<>();
    for (int i = 0; i < clients; i++) {
      work.add(
          () -> {
            int conflicts = 0;
            for (int done = 0; done < updates; ) {
              HttpResponse<String> read = service.get(path);
              String next = Integer.toString(Integer.parseInt(read.body()) + 1);
              int status = service.put(path, next, "If-Match", tag(read)).statusCode();
              assertThat(status).isIn(200, 412);
              done += status == 200 ? 1 : 0;
              conflicts += status == 412 ? 1 : 0;
            }
            return conflicts;
          });
    }

    int conflicts = 0;
    try (ExecutorService threads = Executors.newFixedThreadPool(clients)) {
      for (Future<Integer> each : threads.invokeAll(work)) {
        conflicts += each.get();
      }
    }

    HttpResponse<String> last = service.get(path);
    assertThat(last.body()).isEqualTo(Integer.toString(clients * updates));
    assertThat(header(last, "Kvs-Version")).isEqualTo(Integer.toString(clients * updates + 1));
    assertThat(conflicts).as("clients met each other").isPositive();
  }

  @Test
  void letsOneOfManyClientsCreateAKey() throws Exception {
    List<Callable<Integer>> work = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      String mine = Integer.toString(i);
      work.add(() -> service.put(path, mine, "If-None-Match", "*").statusCode());
    }

    List<Integer> statuses = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(work.size())) {
      for (Future<Integer> each : threads.invokeAll(work)) {
        statuses.add(each.get());
      }
    }

    assertThat(statuses).containsOnlyOnce(201).containsOnly(201, 412);
    assertThat(service.get(path).body()).isEqualTo(Integer.toString(statuses.indexOf(201)));
  }

  @Test
  void expiresExactlyWhenItSays() throws Exception {
    Instant before = Instant.ofEpochMilli(System.currentTimeMillis());
    HttpResponse<String> put = service.put(path + "?ttl=0.6", "x");
    Instant after = Instant.now();
    Instant expires = Instant.parse(header(put, "Kvs-Expires"));

    assertThat(header(put, "Kvs-Expires")).isEqualTo(Expiry.format(expires)).endsWith("Z");
    assertThat(expires).isBetween(before.plusMillis(600), after.plusMillis(600));
    List<Integer> seen = new ArrayList<>();
    while (!seen.contains(404)) {
      Instant asked = Instant.now();
      HttpResponse<String> answer = service.get(path);
      Instant answered = Instant.now();
      if (answer.statusCode() == 200) {
        assertThat(asked).as("a key that is there is asked for").isBefore(expires);
        assertThat(header(answer, "Kvs-Expires")).isEqualTo(header(put, "Kvs-Expires"));
      } else {
        assertThat(answered).as("a key is gone").isAfterOrEqualTo(expires);
      }
      seen.add(answer.statusCode());
    }
    assertThat(seen).startsWith(200);
    assertThat(service.put(path, "y", "If-Match", tag(put)).statusCode()).isEqualTo(412);
    assertThat(service.put(path, "y", "If-None-Match", "*").statusCode()).isEqualTo(201);
  }

  /** A slow body must not use up the time that the key has to live. */
  @Test
  void countsTheTimeToLiveFromTheEndOfTheBody() throws Exception {
    Instant sent = Instant.now().plusMillis(400);
    HttpResponse<String> put =
        service.send(
            service
                .request(path + "?ttl=10")
                .PUT(
                    BodyPublishers.ofInputStream(
                        () ->
                            new ByteArrayInputStream(new byte[1]) {
                              @Override
                              public synchronized int read(byte[] into, int offset, int length) {
                                try {
                                  Thread.sleep(Duration.between(Instant.now(), sent).plusMillis(1));
                                } catch (InterruptedException e) {
                                  Thread.currentThread().interrupt();
                                }
                                return super.read(into, offset, length);
                              }
                            })));

    assertThat(Instant.parse(header(put, "Kvs-Expires"))).isAfterOrEqualTo(sent.plusSeconds(10));
  }

  @Test
  void livesForEverWhenItIsPutAgainWithoutATimeToLive() throws Exception {
    service.put(path + "?ttl=0.5", "x");
    HttpResponse<String> again = service.put(path, "y");

    assertThat(header(again, "Kvs-Expires")).isEqualTo("(none)");
    // It would have expired before one that is put later for as long.
    service.put(path + "-later?ttl=0.5", "x");
    await().until(() -> service.get(path + "-later").statusCode() == 404);
    assertThat(service.get(path).body()).isEqualTo("y");
  }

  @ParameterizedTest
  @ValueSource(strings = {"1", "0.001", "0.5", "10.25", "3153600000", "3153600000.000", "007"})
  void takesATimeToLive(String ttl) throws Exception {
    Instant before = Instant.ofEpochMilli(System.currentTimeMillis());
    HttpResponse<String> put = service.put(path + "?ttl=" + ttl, "x");

    assertThat(put.statusCode()).isEqualTo(201);
    Duration asked = Duration.ofMillis(new java.math.BigDecimal(ttl).movePointRight(3).longValue());
    assertThat(Instant.parse(header(put, "Kvs-Expires")))
        .isBetween(before.plus(asked), Instant.now().plus(asked));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "0",
        "0.000",
        "-1",
        "+1",
        "1.",
        ".5",
        "1.0001",
        "1e3",
        "1,5",
        "abc",
        "%201",
        "1.2.3",
        "3153600000.001",
        "3153600001",
        "99999999999999999999999",
        "Infinity",
        "0x1",
        "%D9%A1"
      })
  void refusesATimeToLiveThatIsNone(String ttl) throws Exception {
    HttpResponse<String> answer = service.put(path + "?ttl=" + ttl, "x");

    assertProblem(answer, 400, "malformed");
    assertThat(answer.body())
        .contains("parameter \\\"ttl\\\" must be seconds from 0.001 to 3153600000");
    assertThat(service.get(path).statusCode()).isEqualTo(404);
  }

  /** Raw paths, and the same keys in a query. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a/b | a/b",
        "a%2Fb | a%2Fb",
        "/ | /",
        "a+b | a%2Bb",
        "a%20b | a+b",
        "100%25 | 100%25",
        "%252F | %252F",
        "a;b=c | a;b=c",
        "a%3Fb%26c | a?b%26c",
        "%F0%9F%98%80 | %F0%9F%98%80",
        "a/./b | a/./b",
        "a/../b | a/../b",
        ". | .",
        "{x}[y]^` | {x}[y]^`",
      })
  void takesTheKeyFromThePathOrTheQuery(String inPath, String inQuery) throws Exception {
    String value = "value of " + inPath;
    String put =
        service.raw(
            "PUT /v1/kv/%s HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s"
                .formatted(inPath, value.length(), value));

    assertThat(put).matches("(?s)HTTP/1.1 20[01].*");
    assertThat(service.rawGet("/v1/kv/" + inPath)).startsWith("HTTP/1.1 200").endsWith(value);
    assertThat(service.rawGet("/v1/kv?key=" + inQuery)).startsWith("HTTP/1.1 200").endsWith(value);
  }

  @ParameterizedTest
  @ValueSource(strings = {"..", ".", "../x", "%00", "a%00b", "/", "+", "..%2F..%2Fmetrics", "key"})
  void takesAnyKeyInTheQuery(String key) throws Exception {
    String query = "/v1/kv?key=" + key;

    HttpResponse<String> put = service.put(query + "&ttl=100", "value of " + key);

    assertThat(put.statusCode()).isEqualTo(201);
    assertThat(service.get(query).body()).isEqualTo("value of " + key);
    assertThat(service.get(query, "If-None-Match", tag(put)).statusCode()).isEqualTo(304);
    assertThat(service.delete(query).statusCode()).isEqualTo(204);
    assertProblem(service.get(query), 404, "key_not_found");
  }

  @ParameterizedTest
  @ValueSource(strings = {"..", "%2e%2e", "../../metrics", "a/../../x"})
  void doesNotLetAKeyReachAnotherEndpoint(String key) throws Exception {
    assertThat(service.rawGet("/v1/kv/" + key))
        .startsWith("HTTP/1.1 404")
        .contains("\\\"..\\\"", "/v1/kv?key=");
  }

  @Test
  void saysHowAKeyWithNulIsSent() throws Exception {
    assertThat(service.rawGet("/v1/kv/a%00b"))
        .startsWith("HTTP/1.1 400")
        .contains("application/problem+json", "\"code\":\"malformed\"", "NUL", "/v1/kv?key=");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "GET | /v1/kv/ | key is missing",
        "PUT | /v1/kv/ | key is missing",
        "DELETE | /v1/kv/ | key is missing",
        "PUT | /v1/kv | key is missing",
        "DELETE | /v1/kv | key is missing",
        "GET | /v1/kv?key= | parameter \\\"key\\\" is empty",
        "PUT | /v1/kv?key= | parameter \\\"key\\\" is empty",
        "GET | /v1/kv?key=a&prefix=b | \\\"prefix\\\" is unknown",
        "GET | /v1/kv?prefix=b&key=a | \\\"prefix\\\" is unknown",
        "GET | /v1/kv?key=a&key=b | twice",
        "GET | /v1/kv?%6bey=a&x | \\\"x\\\" is unknown",
        "GET | /v1/kv/a?ttl=1 | \\\"ttl\\\" is unknown",
        "GET | /v1/kv/a?key=b | \\\"key\\\" is unknown",
        "PUT | /v1/kv/a?TTL=1 | \\\"TTL\\\" is unknown",
        "DELETE | /v1/kv/a?ttl=1 | \\\"ttl\\\" is unknown",
        "GET | /v1/kv/%ff | key is not UTF-8",
        "GET | /v1/kv?key=%ff | not UTF-8",
        "GET | /v1/kv/a%zz | position 2",
      })
  void saysWhatIsWrongWithAPathOrQuery(String method, String target, String message)
      throws Exception {
    assertThat(
            service.raw(
                method
                    + " "
                    + target
                    + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"))
        .startsWith("HTTP/1.1 400")
        .contains("application/problem+json", "\"code\":\"malformed\"", message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"POST", "PATCH", "OPTIONS", "TRACE", "get"})
  void saysWhichMethodsThereAre(String method) throws Exception {
    for (String target : List.of(path, "/v1/kv", "/v1/kv?key=a")) {
      assertThat(
              service.raw(
                  method + " " + target + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"))
          .startsWith("HTTP/1.1 405")
          .contains("\r\nAllow: GET, HEAD, PUT, DELETE\r\n", "\"code\":\"method_not_allowed\"");
    }
  }

  @Test
  void takesTheLongestKeyAndNotOneByteMore() throws Exception {
    String longest = URLEncoder.encode("é".repeat(MAX_KEY / 2), StandardCharsets.UTF_8);

    assertThat(service.put("/v1/kv/" + longest, "x").statusCode()).isEqualTo(201);
    assertThat(service.get("/v1/kv?key=" + longest).body()).isEqualTo("x");
    for (HttpResponse<String> answer :
        List.of(
            service.get("/v1/kv/" + longest + "a"),
            service.put("/v1/kv/" + longest + "a", "x"),
            service.delete("/v1/kv/" + longest + "a"))) {
      assertProblem(answer, 414, "key_too_long");
      assertThat(answer.body()).contains("key has 1025 bytes", "at most 1024", "KVS_MAX_KEY_BYTES");
    }
    for (HttpResponse<String> answer :
        List.of(
            service.get("/v1/kv?key=" + longest + "a"),
            service.put("/v1/kv?key=" + longest + "a", "x"))) {
      assertProblem(answer, 400, "key_too_long");
      assertThat(answer.body()).contains("\\\"key\\\" has 1025 bytes", "KVS_MAX_KEY_BYTES");
    }
  }

  @Test
  void takesTheLongestKeyThatCanBeSet(@TempDir Path other) throws Exception {
    try (RunningService large =
        new RunningService(other, null, "--kvs.max-key-bytes=8192", "--kvs.max-value-bytes=1")) {
      String longest = URLEncoder.encode("é".repeat(4096), StandardCharsets.UTF_8);

      assertThat(large.put("/v1/kv/" + longest, "x").statusCode()).isEqualTo(201);
      assertThat(large.get("/v1/kv?key=" + longest).body()).isEqualTo("x");
      assertProblem(large.get("/v1/kv/" + longest + "a"), 414, "key_too_long");
      assertProblem(large.put("/v1/kv/a", "xy"), 413, "value_too_large");
    }
  }

  @Test
  void takesTheLargestValueAndNotOneByteMore() throws Exception {
    String largest = "x".repeat(MAX_VALUE);

    assertThat(service.put(path, largest).statusCode()).isEqualTo(201);
    assertThat(service.get(path).body()).isEqualTo(largest);
    HttpResponse<String> announced = service.put(path, largest + "x");
    HttpResponse<String> chunked =
        service.send(
            service
                .request(path)
                .PUT(
                    BodyPublishers.ofInputStream(
                        () -> new ByteArrayInputStream(new byte[MAX_VALUE + 1]))));
    for (HttpResponse<String> answer : List.of(announced, chunked)) {
      assertProblem(answer, 413, "value_too_large");
      assertThat(answer.body()).contains("1048576 bytes", "KVS_MAX_VALUE_BYTES");
    }
    assertThat(service.get(path).body()).isEqualTo(largest);
  }

  @Test
  void takesTheLargestValueInChunks() throws Exception {
    byte[] largest = new byte[MAX_VALUE];

    HttpResponse<String> answer =
        service.send(
            service
                .request(path)
                .PUT(BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(largest))));

    assertThat(answer.statusCode()).isEqualTo(201);
    assertThat(service.sendForBytes(service.request(path)).body()).isEqualTo(largest);
  }

  @Test
  void refusesAValueThatIsAnnouncedTooLargeBeforeItIsSent() throws Exception {
    assertThat(
            service.raw(
                "PUT %s HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\nExpect: 100-continue\r\n\r\n"
                    .formatted(path, MAX_VALUE + 1)))
        .startsWith("HTTP/1.1 413");
  }

  @Test
  void keepsAnEmptyValue() throws Exception {
    assertThat(service.put(path, "", "Content-Type", "a/b").statusCode()).isEqualTo(201);

    HttpResponse<String> answer = service.get(path);

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).isEmpty();
    assertThat(header(answer, "Content-Length")).isEqualTo("0");
    assertThat(header(answer, "Content-Type")).isEqualTo("a/b");
  }

  @ParameterizedTest
  @CsvSource({"Content-Encoding,gzip", "Content-Range,bytes 0-0/2"})
  void refusesAHeaderThatWouldChangeWhatTheValueIs(String name, String value) throws Exception {
    HttpResponse<String> answer = service.put(path, "x", name, value);

    assertProblem(answer, 400, "malformed");
    assertThat(answer.body()).contains("The header " + name);
    assertThat(service.get(path).statusCode()).isEqualTo(404);
  }

  @Test
  void readsWhatTheFirstEndpointSetAndTheOtherWayRound() throws Exception {
    String key = path.substring("/v1/kv/".length());
    service.set("{\"key\":\"%s\",\"value\":\"é\"}".formatted(key));

    HttpResponse<String> answer = service.get(path);

    assertThat(answer.body()).isEqualTo("é");
    assertThat(header(answer, "Content-Type")).isEqualTo("text/plain;charset=utf-8");
    service.put(path, "ü", "Content-Type", "a/b", "If-Match", tag(answer));
    assertThat(service.get("/get/" + key).body()).isEqualTo("ü");
    assertThat(header(service.get("/get/" + key), "Content-Type")).isEqualTo("a/b");
  }

  @Test
  void isCountedUnderItsPathInMetrics() throws Exception {
    service.put(path, "x");
    service.get(path);
    service.get("/v1/kv?key=nobody-" + NUMBER.get());

    await()
        .untilAsserted(
            () ->
                assertThat(service.get("/metrics").body())
                    .contains(
                        "kvs_http_requests_seconds_count{endpoint=\"v1/kv\",status=\"200\"} ",
                        "kvs_http_requests_seconds_count{endpoint=\"v1/kv\",status=\"201\"} ",
                        "kvs_http_requests_seconds_count{endpoint=\"v1/kv\",status=\"404\"} ")
                    .doesNotContain("nobody-"));
  }

  /** There is nothing cheaper here than the latest. */
  @Test
  void takesEitherConsistencyAndNoOther() throws Exception {
    service.put("/v1/kv/consistent", "x");

    for (String consistency : List.of("linearizable", "serializable")) {
      assertThat(service.get("/v1/kv/consistent", "Kvs-Consistency", consistency).body())
          .isEqualTo("x");
      assertThat(
              service.get("/v1/kv?prefix=consistent", "Kvs-Consistency", consistency).statusCode())
          .isEqualTo(200);
    }
    for (String path : List.of("/v1/kv/consistent", "/v1/kv?prefix=consistent")) {
      HttpResponse<String> answer = service.get(path, "Kvs-Consistency", "eventual");
      assertThat(answer.statusCode()).isEqualTo(400);
      assertThat(answer.body())
          .contains(
              "The header Kvs-Consistency must be \\\"linearizable\\\" or \\\"serializable\\\", not \\\"eventual\\\".");
    }
  }
}
