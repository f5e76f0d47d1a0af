package io.cloudraft.kvs.service.ops;

import io.cloudraft.kvs.service.http.Endpoint;
import io.cloudraft.kvs.service.http.Json;
import io.cloudraft.kvs.service.store.KeyValueStore;
import io.cloudraft.kvs.service.store.StoreFailure;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Optional;

/** {@code GET /readyz}: 200 while the store takes writes, otherwise 503 and why. */
public final class ReadinessEndpoint extends Endpoint {
  private final transient KeyValueStore store;

  public ReadinessEndpoint(KeyValueStore store) {
    super("/readyz", READ);
    this.store = store;
  }

  @Override
  protected void answer(HttpServletRequest request, String rest, HttpServletResponse response)
      throws IOException {
    Optional<StoreFailure> refusal = store.refusesWrites();
    if (refusal.isPresent()) {
      throw refusal.get();
    }
    Json.answer(
        response,
        HttpServletResponse.SC_OK,
        json -> {
          json.writeStartObject();
          json.writeBooleanProperty("ready", true);
          json.writeEndObject();
        });
  }
}
