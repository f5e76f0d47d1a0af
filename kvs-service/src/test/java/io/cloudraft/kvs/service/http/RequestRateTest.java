package io.cloudraft.kvs.service.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RequestRateTest {
  /** Near the end of what a clock may show. */
  private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 1_000);

  private RequestRate rate(int limit) {
    return new RequestRate(OptionalInt.of(limit), nanos::get);
  }

  private static int countsOf(RequestRate rate, int requests) {
    int counted = 0;
    for (int i = 0; i < requests; i++) {
      counted += rate.tryCount() ? 1 : 0;
    }
    return counted;
  }

  @Test
  void takesThoseOfASecondAtOnceAndThenAsManyAsTimePasses() {
    RequestRate rate = rate(10);

    assertThat(countsOf(rate, 100)).isEqualTo(10);
    nanos.addAndGet(Duration.ofMillis(350).toNanos());
    assertThat(countsOf(rate, 100)).isEqualTo(3);
    nanos.addAndGet(Duration.ofHours(1).toNanos());
    assertThat(countsOf(rate, 100)).isEqualTo(10);
  }

  @Test
  void forgetsWhatIsCountedElsewhere() {
    RequestRate rate = rate(1);

    assertThat(rate.tryCount()).isTrue();
    rate.uncount();
    assertThat(rate.tryCount()).isTrue();
    assertThat(rate.tryCount()).isFalse();
  }

  @Test
  void hasNoEndWhereNobodyLimitsIt() {
    RequestRate rate = new RequestRate(OptionalInt.empty(), nanos::get);

    assertThat(countsOf(rate, 100_000)).isEqualTo(100_000);
    rate.uncount();
  }

  /** Answered by an event loop, or by a servlet; found, or not. */
  @ParameterizedTest
  @ValueSource(strings = {"/v1/kv/a", "/v1/kv/none", "/get/a", "/get/none", "/v1/kv"})
  void refusesWhatIsBeyondIt(String path, @TempDir Path directory) throws Exception {
    int most = 20;
    try (RunningService service =
        new RunningService(directory, null, "--kvs.max-requests-per-second=" + most)) {
      service.put("/v1/kv/a", "x");
      Thread.sleep(1_000);
      long start = System.nanoTime();
      int served = 0;
      HttpResponse<String> answer = service.get(path);
      while (answer.statusCode() != 429) {
        served++;
        answer = service.get(path);
      }
      long milliseconds = Duration.ofNanos(System.nanoTime() - start).toMillis();

      assertThat(served).isBetween(most, most + (int) (milliseconds * most / 1000) + 1);
      assertThat(answer.headers().firstValue("Retry-After")).contains("1");
      assertThat(answer.body())
          .contains("More than 20 requests a second come", "KVS_MAX_REQUESTS_PER_SECOND");
      assertThat(service.get("/livez").statusCode()).isEqualTo(200);
      assertThat(service.get("/metrics").statusCode()).isEqualTo(200);
      Thread.sleep(100);
      assertThat(service.get(path).statusCode()).isNotEqualTo(429);
    }
  }

  @Test
  void isNotHeldUpByABodyThatIsNotThere(@TempDir Path directory) throws Exception {
    try (RunningService service =
            new RunningService(directory, null, "--kvs.max-requests-per-second=1");
        Socket socket = new Socket("localhost", service.port())) {
      // Less than Tomcat would wait for the body.
      socket.setSoTimeout(5_000);
      service.get("/v1/kv/a");
      socket
          .getOutputStream()
          .write(
              "PUT /v1/kv/b HTTP/1.1\r\nHost: x\r\nContent-Length: 6000000\r\n\r\n"
                  .getBytes(StandardCharsets.ISO_8859_1));

      assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1))
          .startsWith("HTTP/1.1 429 ")
          .contains("Connection: close\r\n");
    }
  }

  @Test
  void isToldAmongTheLimits(@TempDir Path directory) throws Exception {
    try (RunningService service =
        new RunningService(directory, null, "--kvs.max-requests-per-second=7")) {
      assertThat(service.get("/v1/capabilities").body())
          .contains(
              "\"maxRequestsPerSecond\":{\"value\":7,\"setting\":\"KVS_MAX_REQUESTS_PER_SECOND\"}");
    }
  }
}
