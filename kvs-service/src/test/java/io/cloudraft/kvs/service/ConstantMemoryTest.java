package io.cloudraft.kvs.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Streams of any size take no more memory than short ones. */
class ConstantMemoryTest {
  private static final int ITEMS = 192;
  private static final String VALUE = "x".repeat(1024 * 1024);

  @TempDir Path directory;

  /** Made when they are sent, as nobody here has that much either. */
  private static Iterator<byte[]> lines() {
    return IntStream.range(0, ITEMS)
        .mapToObj(i -> "{\"key\":\"k%03d\",\"value\":\"%s\"}\n".formatted(i, VALUE))
        .map(line -> line.getBytes(StandardCharsets.US_ASCII))
        .iterator();
  }

  /** The body is three times as large as the heap, and so is the answer to the export. */
  @Test
  void importsAndExportsMoreThanTheHeapCouldHold() throws Exception {
    Map<String, String> smallHeap =
        Map.of("JDK_JAVA_OPTIONS", "-Xmx64m -XX:+UseSerialGC -XX:+ExitOnOutOfMemoryError");
    try (ServiceProcess service = ServiceProcess.start(directory.resolve("data"), smallHeap);
        HttpClient client = HttpClient.newHttpClient()) {
      service.awaitStart();
      HttpResponse<String> imported =
          client.send(
              HttpRequest.newBuilder(service.uri("/v1/import"))
                  .POST(HttpRequest.BodyPublishers.ofByteArrays(ConstantMemoryTest::lines))
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      assertThat(imported.body()).startsWith("{\"imported\":%d,".formatted(ITEMS));

      HttpResponse<InputStream> exported =
          client.send(
              HttpRequest.newBuilder(service.uri("/v1/export")).build(),
              HttpResponse.BodyHandlers.ofInputStream());
      long bytes = 0;
      long lines = 0;
      byte[] buffer = new byte[64 * 1024];
      try (InputStream in = exported.body()) {
        for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
          bytes += read;
          for (int i = 0; i < read; i++) {
            lines += buffer[i] == '\n' ? 1 : 0;
          }
        }
      }
      assertThat(bytes).isGreaterThan((long) ITEMS * VALUE.length());
      assertThat(lines).isEqualTo(ITEMS + 2);
    }
  }

  /** The keys alone are larger than the heap. */
  @Test
  void countsMoreKeysThanTheHeapCouldHold() throws Exception {
    int keys = 90_000;
    Map<String, String> smallHeap =
        Map.of("JDK_JAVA_OPTIONS", "-Xmx64m -XX:+UseSerialGC -XX:+ExitOnOutOfMemoryError");
    String rest = "x".repeat(900);
    try (ServiceProcess service = ServiceProcess.start(directory.resolve("data"), smallHeap);
        HttpClient client = HttpClient.newHttpClient()) {
      service.awaitStart();
      client.send(
          HttpRequest.newBuilder(service.uri("/v1/import"))
              .POST(
                  HttpRequest.BodyPublishers.ofByteArrays(
                      () ->
                          IntStream.range(0, keys)
                              .mapToObj(
                                  i -> "{\"key\":\"k%05d%s\",\"value\":\"\"}\n".formatted(i, rest))
                              .map(line -> line.getBytes(StandardCharsets.US_ASCII))
                              .iterator()))
              .build(),
          HttpResponse.BodyHandlers.ofString());

      HttpResponse<String> counted =
          client.send(
              HttpRequest.newBuilder(service.uri("/v1/kv?prefix=k&limit=1&count=true")).build(),
              HttpResponse.BodyHandlers.ofString());

      assertThat(counted.body()).contains("\"count\":%d,\"countIsExact\":true".formatted(keys));
    }
  }
}
