package io.cloudraft.kvs.service.http;

import io.cloudraft.kvs.service.codec.Limits;
import io.cloudraft.kvs.service.codec.SetRequest;
import io.cloudraft.kvs.service.store.KeyValueStore;
import io.cloudraft.kvs.service.store.Operation;
import io.cloudraft.kvs.service.store.Transaction;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@code POST /set} with a key and a value: 200 when they are on disk. */
final class SetEndpoint extends Endpoint {
  private static final Logger log = LoggerFactory.getLogger(SetEndpoint.class);

  private final transient KeyValueStore store;
  private final transient Limits limits;
  private final transient BodyReader bodies;

  SetEndpoint(KeyValueStore store, Limits limits) {
    super("/set", List.of("POST"));
    this.store = store;
    this.limits = limits;
    this.bodies = new BodyReader(limits, Runtime.getRuntime().maxMemory());
  }

  @Override
  protected void answer(HttpServletRequest request, String rest, HttpServletResponse response)
      throws IOException {
    SetRequest set;
    try (BodyReader.Body body =
        bodies.read(request.getInputStream(), request.getContentLengthLong())) {
      set = SetRequest.parse(body.bytes(), limits);
    }
    AsyncContext async = request.startAsync();
    // The store answers every write; when is up to the disk, and no thread waits for it.
    async.setTimeout(0);
    var _ =
        store
            .commit(Transaction.of(new Operation.Put(set.key(), set.value())))
            .whenComplete((_, failure) -> complete(async, request, response, failure));
  }

  private static void complete(
      AsyncContext async,
      HttpServletRequest request,
      HttpServletResponse response,
      @Nullable Throwable failure) {
    try {
      if (failure != null) {
        Failures.answer(failure, request, response);
      }
    } catch (IOException e) {
      log.debug("The client did not wait for the answer.", e);
    } finally {
      async.complete();
    }
  }
}
