package io.cloudraft.kvs.service.http;

import io.cloudraft.kvs.service.TestService;
import io.cloudraft.kvs.service.store.KeyValueStore;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The whole service on a port of its own, and a client of it. */
final class RunningService implements AutoCloseable {
  /** Offers no HTTP/2, so that a GET is plain (see {@link PlainGet}) unless a test makes it so. */
  private static final HttpClient CLIENT =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private static final OpenApiDocument OPEN_API = OpenApiDocument.read();

  private final TestService service;

  /**
   * @param store in place of the one in the directory, or null
   */
  RunningService(Path directory, @Nullable KeyValueStore store, String... settings) {
    this.service = TestService.start(directory, store, settings);
  }

  RunningService(Path directory) {
    this(directory, null);
  }

  Routes routes() {
    return service.bean(Routes.class);
  }

  int port() {
    return service.port();
  }

  HttpRequest.Builder request(String rawPathAndQuery) {
    return HttpRequest.newBuilder(URI.create("http://localhost:" + port() + rawPathAndQuery))
        .timeout(Duration.ofSeconds(30));
  }

  HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
    return send(request, HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
  }

  <T> HttpResponse<T> send(HttpRequest.Builder request, HttpResponse.BodyHandler<T> body)
      throws IOException, InterruptedException {
    HttpResponse<T> answer = CLIENT.send(request.build(), body);
    OPEN_API.assertAllows(answer);
    return answer;
  }

  HttpResponse<String> set(String body) throws IOException, InterruptedException {
    return post("/set", body);
  }

  HttpResponse<byte[]> sendForBytes(HttpRequest.Builder request)
      throws IOException, InterruptedException {
    return CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
  }

  /**
   * @param headers names and values in turn
   */
  HttpResponse<String> put(String rawPathAndQuery, String value, String... headers)
      throws IOException, InterruptedException {
    return send(
        withHeaders(request(rawPathAndQuery), headers)
            .PUT(HttpRequest.BodyPublishers.ofString(value)));
  }

  HttpResponse<String> get(String rawPathAndQuery, String... headers)
      throws IOException, InterruptedException {
    return send(withHeaders(request(rawPathAndQuery), headers));
  }

  HttpResponse<String> delete(String rawPathAndQuery, String... headers)
      throws IOException, InterruptedException {
    return send(withHeaders(request(rawPathAndQuery), headers).DELETE());
  }

  HttpResponse<String> post(String path, String body) throws IOException, InterruptedException {
    return send(request(path).POST(HttpRequest.BodyPublishers.ofString(body)));
  }

  private static HttpRequest.Builder withHeaders(HttpRequest.Builder request, String... headers) {
    return headers.length == 0 ? request : request.headers(headers);
  }

  /** Sends these bytes as they are, and returns all that comes back until the end. */
  String raw(String request) throws IOException {
    try (Socket socket = new Socket("localhost", port())) {
      socket.setSoTimeout(30_000);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      InputStream answer = socket.getInputStream();
      return new String(answer.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /** A request line and headers that end the connection with the answer. */
  String rawGet(String target) throws IOException {
    return raw("GET " + target + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  }

  @Override
  public void close() {
    service.close();
  }
}
