package io.cloudraft.kvs.service.http;

import io.cloudraft.kvs.service.codec.ErrorCode;
import io.cloudraft.kvs.service.codec.Limits;
import io.cloudraft.kvs.service.codec.PathKey;
import io.cloudraft.kvs.service.codec.RequestRefused;
import io.cloudraft.kvs.service.store.Key;
import io.cloudraft.kvs.service.store.KeyValueStore;
import io.cloudraft.kvs.service.store.Value;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/** {@code GET /get/{key}}: the value as it is stored, or 404. */
final class GetEndpoint extends Endpoint {
  private final transient KeyValueStore store;
  private final transient Limits limits;

  GetEndpoint(KeyValueStore store, Limits limits) {
    super("/get/", READ);
    this.store = store;
    this.limits = limits;
  }

  @Override
  protected void answer(HttpServletRequest request, String rest, HttpServletResponse response)
      throws IOException {
    Key key = PathKey.decode(rest, limits);
    Value value =
        store
            .get(key)
            .orElseThrow(() -> new RequestRefused(ErrorCode.KEY_NOT_FOUND, "Key not found"))
            .value();
    ValueAnswer.write(request, response, value);
  }
}
