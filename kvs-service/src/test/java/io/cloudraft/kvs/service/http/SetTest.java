package io.cloudraft.kvs.service.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SetTest {
  private static final int MAX_VALUE = 1024 * 1024;
  private static final int MAX_BODY = 1024 + 6 * (1024 + MAX_VALUE);

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

  private static String body(String key, String value) {
    return "{\"key\":\"%s\",\"value\":\"%s\"}".formatted(key, value);
  }

  @Test
  void answersWith200AndNothingElse() throws Exception {
    HttpResponse<String> answer = service.set(body("abc-1", "x"));

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).isEmpty();
    assertThat(service.get("/get/abc-1").body()).isEqualTo("x");
  }

  @Test
  void replacesTheFormerValue() throws Exception {
    service.set(body("again", "1"));
    service.set(body("again", "2"));

    assertThat(service.get("/get/again").body()).isEqualTo("2");
  }

  @ParameterizedTest
  @ValueSource(strings = {"1.10", "{ \"a\": [1, 2] }", "null", "true"})
  void keepsWhatIsNoStringAsItsJsonText(String json) throws Exception {
    service.set("{\"key\":\"json\",\"value\":" + json + "}");

    assertThat(service.get("/get/json").body()).isEqualTo(json);
  }

  /** What curl -d sends is called a form, and must not be read as one. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "application/json",
        "application/x-www-form-urlencoded",
        "text/plain;charset=iso-8859-1",
        "multipart/form-data; boundary=x",
        "nonsense",
      })
  void takesAnyContentType(String contentType) throws Exception {
    HttpResponse<String> answer =
        service.send(
            service
                .request("/set")
                .header("Content-Type", contentType)
                .POST(BodyPublishers.ofString(body("type", contentType))));

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(service.get("/get/type").body()).isEqualTo(contentType);
  }

  @Test
  void takesAChunkedBody() throws Exception {
    byte[] bytes = body("chunked", "x".repeat(100_000)).getBytes(StandardCharsets.UTF_8);
    HttpResponse<String> answer =
        service.send(
            service
                .request("/set")
                .POST(BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(bytes))));

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(service.get("/get/chunked").body()).hasSize(100_000);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'' | body is empty",
        "'{' | not valid JSON",
        "'{\"key\":\"a\"}' | \\\"value\\\" is missing",
        "'{\"key\":\"a\",\"value\":1,\"x\":2}' | \\\"x\\\" is unknown",
      })
  void refusesAWrongBodyWithWhatIsWrong(String body, String message) throws Exception {
    HttpResponse<String> answer = service.set(body);

    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body()).startsWith("{\"error\":\"").contains(message);
    assertThat(answer.headers().firstValue("Content-Type")).contains("application/json");
  }

  @Test
  void refusesAKeyThatIsTooLong() throws Exception {
    assertThat(service.set(body("k".repeat(1024), "x")).statusCode()).isEqualTo(200);

    HttpResponse<String> answer = service.set(body("k".repeat(1025), "x"));

    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body()).contains("1025", "1024", "KVS_MAX_KEY_BYTES");
  }

  @Test
  void takesTheLargestValueInItsLongestForm() throws Exception {
    assertThat(service.set(body("large", "\\u0041".repeat(MAX_VALUE))).statusCode()).isEqualTo(200);

    assertThat(service.get("/get/large").body()).isEqualTo("A".repeat(MAX_VALUE));
  }

  @Test
  void refusesAValueThatIsOneByteTooLarge() throws Exception {
    HttpResponse<String> answer = service.set(body("large", "x".repeat(MAX_VALUE + 1)));

    assertThat(answer.statusCode()).isEqualTo(413);
    assertThat(answer.body()).contains("1048577", "1048576", "KVS_MAX_VALUE_BYTES");
  }

  @Test
  void refusesABodyThatIsAnnouncedTooLargeBeforeItIsSent() throws Exception {
    String answer =
        service.raw(
            "POST /set HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\nExpect: 100-continue\r\n\r\n"
                .formatted(MAX_BODY + 1));

    assertThat(answer)
        .startsWith("HTTP/1.1 413")
        .contains(Integer.toString(MAX_BODY), "KVS_MAX_VALUE_BYTES");
  }

  @Test
  void stopsReadingAChunkedBodyThatGrowsTooLarge() throws Exception {
    StringBuilder endless =
        new StringBuilder("POST /set HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (int sent = 0; sent <= MAX_BODY; sent += 0x10000) {
      endless.append("10000\r\n").append(" ".repeat(0x10000)).append("\r\n");
    }

    endless.append("0\r\n\r\n");

    assertThat(service.raw(endless.toString())).startsWith("HTTP/1.1 413");
  }

  @Test
  void saysSoWhenTheBodyIsNotChunkedAsItClaims() throws Exception {
    assertThat(
            service.raw(
                "POST /set HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n"))
        .startsWith("HTTP/1.1 400")
        .contains("\"error\"");
  }
}
