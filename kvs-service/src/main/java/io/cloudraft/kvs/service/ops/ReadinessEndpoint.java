package io.cloudraft.kvs.service.ops;

import io.cloudraft.kvs.service.access.Guard;
import io.cloudraft.kvs.service.http.Endpoint;
import io.cloudraft.kvs.service.http.Json;
import io.cloudraft.kvs.service.store.KeyValueStore;
import io.cloudraft.kvs.service.store.StoreFailure;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Optional;

/**
 * {@code GET /readyz}: 200, or 503 and why. A store whose disk is full, or that is frozen, stays
 * ready: it would be cut off from its readers otherwise.
 */
public final class ReadinessEndpoint extends Endpoint {
  private final transient KeyValueStore store;
  private final transient Guard guard;

  public ReadinessEndpoint(KeyValueStore store, Guard guard) {
    super("/readyz", READ);
    this.store = store;
    this.guard = guard;
  }

  @Override
  protected void answer(HttpServletRequest request, String rest, HttpServletResponse response)
      throws IOException {
    Optional<StoreFailure> refusal = store.refusesWrites();
    if (refusal.isPresent() && !servesReaders(refusal.get())) {
      throw refusal.get();
    }
    Json.answer(
        response,
        HttpServletResponse.SC_OK,
        json -> {
          json.writeStartObject();
          json.writeBooleanProperty("ready", true);
          refusal.ifPresent(why -> json.writeStringProperty("refusesWrites", why.getMessage()));
          guard.trouble().ifPresent(why -> json.writeStringProperty("tokens", why));
          json.writeEndObject();
        });
  }

  private static boolean servesReaders(StoreFailure refusal) {
    return refusal instanceof StoreFailure.DiskFull || refusal instanceof StoreFailure.Frozen;
  }
}
