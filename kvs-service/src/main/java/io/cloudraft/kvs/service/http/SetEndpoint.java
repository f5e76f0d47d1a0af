package io.cloudraft.kvs.service.http;

import io.cloudraft.kvs.service.codec.Limits;
import io.cloudraft.kvs.service.codec.SetRequest;
import io.cloudraft.kvs.service.store.Operation;
import io.cloudraft.kvs.service.store.Transaction;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;

/** {@code POST /set} with a key and a value: 200 when they are on disk. */
final class SetEndpoint extends Endpoint {
  private final transient Commits commits;
  private final transient Limits limits;
  private final transient BodyReader bodies;

  SetEndpoint(Commits commits, Limits limits, BodyReader bodies) {
    super("/set", List.of("POST"));
    this.commits = commits;
    this.limits = limits;
    this.bodies = bodies;
  }

  @Override
  protected void answer(HttpServletRequest request, String rest, HttpServletResponse response)
      throws IOException {
    SetRequest set;
    try (BodyReader.Body body =
        bodies.read(request.getInputStream(), request.getContentLengthLong())) {
      set = SetRequest.parse(body.bytes(), limits);
    }
    answerLater(
        request,
        response,
        commits.commit(Transaction.of(new Operation.Put(set.key(), set.value()))),
        _ -> {});
  }
}
