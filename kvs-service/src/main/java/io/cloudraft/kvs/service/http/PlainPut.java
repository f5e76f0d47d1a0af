package io.cloudraft.kvs.service.http;

import io.cloudraft.kvs.service.codec.RequestRefused;
import io.cloudraft.kvs.service.store.Key;
import io.cloudraft.kvs.service.store.Operation;
import io.cloudraft.kvs.service.store.Outcome;
import io.cloudraft.kvs.service.store.Transaction;
import io.cloudraft.kvs.service.store.Value;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Does a PUT that is a {@link PlainRequest}, as {@link KvEndpoint} does, at a fraction of the cost.
 */
final class PlainPut {
  private final Commits commits;

  PlainPut(Commits commits) {
    this.commits = commits;
  }

  /** Hands it over, unless there is no room for it: then the servlet has to refuse it. */
  boolean tryCommit(Key key, Value value, Exchange exchange) {
    CompletableFuture<Outcome> outcome;
    try {
      outcome =
          commits.commit(
              new Transaction(List.of(), List.of(new Operation.Put(key, value)), List.of()));
    } catch (RequestRefused _) {
      exchange.cancel();
      return false;
    }
    var _ = outcome.whenComplete((done, failure) -> answer(done, failure, exchange));
    return true;
  }

  private static void answer(
      @Nullable Outcome outcome, @Nullable Throwable failure, Exchange exchange) {
    if (outcome != null
        && outcome.results().getFirst() instanceof Outcome.Result.Put(var written)) {
      int status = written.version() == 1 ? 201 : 200;
      ByteBuffer answer = ByteBuffer.allocate(PlainAnswer.MAX_HEAD);
      PlainAnswer.written(status, written, answer);
      exchange.answer(KvEndpoint.NAME, status, answer.flip());
    } else {
      exchange.fail(
          KvEndpoint.NAME, failure == null ? new IllegalStateException("" + outcome) : failure);
    }
  }
}
