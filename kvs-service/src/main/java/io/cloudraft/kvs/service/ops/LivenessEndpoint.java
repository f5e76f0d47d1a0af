package io.cloudraft.kvs.service.ops;

import io.cloudraft.kvs.service.http.Endpoint;
import io.cloudraft.kvs.service.http.Json;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/**
 * {@code GET /livez}: 200 as long as the process answers at all. A store that takes no writes is
 * still alive: a restart by the cluster, again and again, would take the reads away too.
 */
public final class LivenessEndpoint extends Endpoint {
  public LivenessEndpoint() {
    super("/livez", READ);
  }

  @Override
  protected void answer(HttpServletRequest request, String rest, HttpServletResponse response)
      throws IOException {
    Json.answer(
        response,
        HttpServletResponse.SC_OK,
        json -> {
          json.writeStartObject();
          json.writeBooleanProperty("live", true);
          json.writeEndObject();
        });
  }
}
