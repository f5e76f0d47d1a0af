package io.cloudraft.kvs.operator;

import io.fabric8.kubernetes.client.KubernetesClient;
import java.net.HttpURLConnection;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Whether a Secret is there. What is in it is never asked for. */
final class Secrets {
  private static final Logger log = LoggerFactory.getLogger(Secrets.class);
  private static final String WITHOUT_DATA =
      "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final KubernetesClient client;

  Secrets(KubernetesClient client) {
    this.client = client;
  }

  /** False also where that cannot be found out. */
  boolean isMissing(String namespace, String name) {
    var http = client.getHttpClient();
    var request =
        http.newHttpRequestBuilder()
            .uri(
                URI.create(
                    "%sapi/v1/namespaces/%s/secrets/%s"
                        .formatted(client.getMasterUrl(), namespace, name)))
            .header("Accept", WITHOUT_DATA)
            .build();
    try {
      var answer =
          http.sendAsync(request, byte[].class).get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
      return answer.code() == HttpURLConnection.HTTP_NOT_FOUND;
    } catch (ExecutionException | TimeoutException e) {
      log.debug("Cannot ask for Secret {} in namespace {}", name, namespace, e);
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
