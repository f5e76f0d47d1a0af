package io.cloudraft.kvs.operator.e2e;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Optional;

/**
 * An application that talks to one store through the Ingress of the cluster, by host and path of
 * its {@code status.url}.
 */
final class StoreClient {
  static {
    // The Ingress is reached by address; the rule is chosen by the Host header, as with curl -H
    // 'Host: …'.
    System.setProperty("jdk.httpclient.allowRestrictedHeaders", "host");
  }

  private static final HttpClient HTTP =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(5))
          .build();

  private final String ingress;
  private final URI url;
  private final Optional<String> token;

  private StoreClient(String ingress, URI url, Optional<String> token) {
    this.ingress = ingress;
    this.url = url;
    this.token = token;
  }

  static StoreClient of(GenericKubernetesResource kvStore) {
    return new StoreClient(
        Environment.ingressAddress(),
        URI.create(kvStore.<String>get("status", "url")),
        Optional.empty());
  }

  /** The same, for somebody with a token. */
  StoreClient with(String other) {
    return new StoreClient(ingress, url, Optional.of(other));
  }

  HttpResponse<String> set(String key, String value) {
    return send(
        request("/set")
            .POST(
                BodyPublishers.ofString(
                    "{\"key\":\"%s\",\"value\":\"%s\"}".formatted(key, value))));
  }

  HttpResponse<String> get(String path) {
    return send(request(path).GET());
  }

  private HttpRequest.Builder request(String path) {
    var request =
        HttpRequest.newBuilder(URI.create("http://" + ingress + url.getPath() + path))
            .header("Host", url.getHost())
            .timeout(Duration.ofSeconds(10));
    token.ifPresent(known -> request.header("Authorization", "Bearer " + known));
    return request;
  }

  private static HttpResponse<String> send(HttpRequest.Builder request) {
    try {
      return HTTP.send(request.build(), BodyHandlers.ofString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for an answer", e);
    }
  }
}
