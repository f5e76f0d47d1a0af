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
  static final String NAME = "get";

  private final transient KeyValueStore store;
  private final transient Limits limits;
  private final transient HeapShare heap;

  GetEndpoint(KeyValueStore store, Limits limits, HeapShare heap) {
    super("/" + NAME + "/", READ);
    this.store = store;
    this.limits = limits;
    this.heap = heap;
  }

  @Override
  protected void answer(HttpServletRequest request, String rest, HttpServletResponse response)
      throws IOException {
    Key key = PathKey.decode(rest, limits);
    heap.answer(
        part -> {
          Value value = read(key);
          ValueAnswer.makeRoom(response, value, part);
          ValueAnswer.write(request, response, value);
        });
  }

  private Value read(Key key) {
    return store
        .get(key)
        .orElseThrow(() -> new RequestRefused(ErrorCode.KEY_NOT_FOUND, "Key not found"))
        .value();
  }
}
