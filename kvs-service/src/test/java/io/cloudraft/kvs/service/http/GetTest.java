package io.cloudraft.kvs.service.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class GetTest {
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

  @Test
  void givesTheValueBackAsPlainText() throws Exception {
    service.set("{\"key\":\"abc-1\",\"value\":\"<b>é\"}");

    HttpResponse<String> answer = service.get("/get/abc-1");

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).isEqualTo("<b>é");
    assertThat(answer.headers().firstValue("Content-Type")).contains("text/plain;charset=utf-8");
    assertThat(answer.headers().firstValue("X-Content-Type-Options")).contains("nosniff");
  }

  @Test
  void answersHeadWithoutABody() throws Exception {
    service.set("{\"key\":\"head\",\"value\":\"12345\"}");

    HttpResponse<String> answer =
        service.send(
            service.request("/get/head").method("HEAD", HttpRequest.BodyPublishers.noBody()));

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).isEmpty();
    assertThat(answer.headers().firstValue("Content-Length")).contains("5");
  }

  @Test
  void givesAnEmptyValueBack() throws Exception {
    service.set("{\"key\":\"empty\",\"value\":\"\"}");

    HttpResponse<String> answer = service.get("/get/empty");

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).isEmpty();
  }

  @Test
  void saysThatAKeyIsNotThere() throws Exception {
    HttpResponse<String> answer = service.get("/get/nobody");

    assertThat(answer.statusCode()).isEqualTo(404);
    assertThat(answer.body()).isEqualTo("{\"error\":\"Key not found\"}");
    assertThat(answer.headers().firstValue("Content-Type")).contains("application/json");
  }

  /** Raw paths, and the keys that they mean. */
  private static List<Arguments> pathsAndKeys() {
    return List.of(
        arguments("a/b", "a/b"),
        arguments("a%2Fb", "a/b"),
        arguments("a//b", "a//b"),
        arguments("/", "/"),
        arguments("//", "//"),
        arguments("a/", "a/"),
        arguments("100%25", "100%"),
        arguments("%252F", "%2F"),
        arguments("a\\b", "a\\b"),
        arguments("a%5Cb", "a\\b"),
        arguments("a+b", "a+b"),
        arguments("a%20b", "a b"),
        arguments("a;b=c;d", "a;b=c;d"),
        arguments("a%3Fb", "a?b"),
        arguments("a%23b", "a#b"),
        arguments("%F0%9F%98%80", "😀"),
        arguments("{x}[y]|^`", "{x}[y]|^`"),
        arguments(".", "."),
        arguments("%2E", "."),
        arguments("a/./b", "a/./b"),
        arguments("a/../b", "a/../b"),
        arguments("../get/b", "../get/b"),
        arguments("..%2Fsearch", "../search"),
        arguments("a%2F..%2F..%2Fb", "a/../../b"),
        arguments("...", "..."),
        arguments("%7F%09", "\u007f\t"));
  }

  @ParameterizedTest
  @MethodSource("pathsAndKeys")
  void takesTheKeyFromTheRawPathAndDecodesItOnce(String path, String key) throws Exception {
    String value = "value of " + path.replace("\\", "\\\\");
    service.set(
        "{\"key\":\"%s\",\"value\":\"%s\"}"
            .formatted(key.replace("\\", "\\\\").replace("\t", "\\t"), value));

    assertThat(service.rawGet("/get/" + path))
        .startsWith("HTTP/1.1 200")
        .endsWith("value of " + path);
  }

  @ParameterizedTest
  @ValueSource(strings = {"..", "%2e%2e", "../search", "a/../../metrics", "../../x"})
  void doesNotLetAKeyReachAnotherEndpoint(String path) throws Exception {
    assertThat(service.rawGet("/get/" + path))
        .startsWith("HTTP/1.1 404")
        .contains("\\\"..\\\"")
        .contains("%2F");
  }

  @Test
  void saysThatNulCannotStandInAPath() throws Exception {
    assertThat(service.rawGet("/get/a%00b")).startsWith("HTTP/1.1 400").contains("NUL");
  }

  @ParameterizedTest
  @CsvSource({"a%zz, position 2", "a%, position 2", "%ff, byte 1", "a%c3%28, byte 2"})
  void saysWhereAPathIsNotPercentEncodedUtf8(String path, String where) throws Exception {
    assertThat(service.rawGet("/get/" + path))
        .startsWith("HTTP/1.1 400")
        .contains("application/json")
        .contains("The key")
        .contains(where);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/get", "/get/"})
  void saysThatTheKeyIsMissing(String path) throws Exception {
    HttpResponse<String> answer = service.get(path);

    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body()).contains("key is missing");
  }

  @Test
  void findsTheLongestKeyInItsLongestForm() throws Exception {
    String key = "é".repeat(512);
    service.set("{\"key\":\"%s\",\"value\":\"long\"}".formatted(key));

    HttpResponse<String> answer =
        service.get("/get/" + URLEncoder.encode(key, StandardCharsets.UTF_8));

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).isEqualTo("long");
  }

  @ParameterizedTest
  @ValueSource(ints = {1025, 5000})
  void refusesAKeyThatIsTooLongByItsLimit(int length) throws Exception {
    HttpResponse<String> answer = service.get("/get/" + "a".repeat(length));

    assertThat(answer.statusCode()).isEqualTo(414);
    assertThat(answer.body())
        .contains(Integer.toString(length), "at most 1024", "KVS_MAX_KEY_BYTES");
  }

  @Test
  void refusesAPathThatFitsNowhere() throws Exception {
    assertThat(service.rawGet("/get/" + "a".repeat(100_000)))
        .startsWith("HTTP/1.1 414")
        .contains("17408 bytes", "1024", "KVS_MAX_KEY_BYTES");
  }
}
