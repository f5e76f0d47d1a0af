package io.cloudraft.kvs.service.http;

import io.cloudraft.kvs.service.codec.RequestRefused;
import io.cloudraft.kvs.service.store.Key;
import io.cloudraft.kvs.service.store.Operation;
import io.cloudraft.kvs.service.store.Outcome;
import io.cloudraft.kvs.service.store.Transaction;
import io.cloudraft.kvs.service.store.Value;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.tomcat.util.net.NioEndpoint.NioSocketWrapper;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does a PUT that is a {@link PlainRequest}, as {@link KvEndpoint} does, at a fraction of the cost:
 * an event loop hands it to the store, and the thread of the store that says it is done sends the
 * answer. In between it has no thread, and its connection belongs to who will answer: the loop only
 * notes that more has come by it.
 */
final class PlainPut {
  private static final Logger log = LoggerFactory.getLogger(PlainPut.class);

  private static final int NEVER = -1;

  private final RequestConnections connections;
  private final Admission admission;
  private final Commits commits;
  private final RequestMetrics metrics;

  PlainPut(
      RequestConnections connections,
      Admission admission,
      Commits commits,
      RequestMetrics metrics) {
    this.connections = connections;
    this.admission = admission;
    this.commits = commits;
    this.metrics = metrics;
  }

  /**
   * Hands it over, unless there is no room for it: then the servlet has to refuse it.
   *
   * @param start when it came
   */
  boolean tryCommit(
      Key key, Value value, NioSocketWrapper connection, ClientChannel client, long start) {
    if (!admission.tryBegin()) {
      return false;
    }
    client.beginRequest();
    client.beginCommit();
    connection.setReadTimeout(NEVER);
    CompletableFuture<Outcome> outcome;
    try {
      outcome =
          commits.commit(
              new Transaction(List.of(), List.of(new Operation.Put(key, value)), List.of()));
    } catch (RequestRefused _) {
      client.endRequest();
      client.endCommit();
      return false;
    }
    connections.commitBegins();
    var _ =
        outcome.whenComplete(
            (done, failure) -> {
              try {
                answer(done, failure, connection, client, start);
              } finally {
                connections.commitEnds();
              }
            });
    return true;
  }

  private void answer(
      @Nullable Outcome outcome,
      @Nullable Throwable failure,
      NioSocketWrapper connection,
      ClientChannel client,
      long start) {
    int status;
    ByteBuffer answer;
    if (outcome != null
        && outcome.results().getFirst() instanceof Outcome.Result.Put(var written)) {
      status = written.version() == 1 ? 201 : 200;
      answer = ByteBuffer.allocate(PlainAnswer.MAX_HEAD);
      PlainAnswer.written(status, written, answer);
      answer.flip();
    } else {
      Problem problem =
          Failures.problem(failure == null ? new IllegalStateException("" + outcome) : failure);
      status = problem.code().status();
      answer = PlainAnswer.problem(problem);
    }
    try {
      client.write(answer);
      if (answer.hasRemaining()) {
        connections.getExecutor().execute(() -> sendRest(answer, connection, client));
      } else {
        end(connection, client);
      }
    } catch (IOException | RuntimeException e) {
      close(e, connection);
    }
    metrics.record(KvEndpoint.NAME, status, System.nanoTime() - start);
  }

  /** To a client that leaves answers unread. */
  private void sendRest(ByteBuffer rest, NioSocketWrapper connection, ClientChannel client) {
    try {
      connection.write(true, rest);
      connection.flush(true);
      end(connection, client);
    } catch (IOException | RuntimeException e) {
      close(e, connection);
    }
  }

  private void end(NioSocketWrapper connection, ClientChannel client) {
    connection.updateLastWrite();
    connection.updateLastRead();
    connection.setReadTimeout(connections.getKeepAliveTimeout());
    client.endRequest();
    if (client.endCommit()) {
      connection.registerReadInterest();
    }
  }

  private void close(Exception e, NioSocketWrapper connection) {
    log.debug("The client did not wait for the answer.", e);
    connection.close();
  }
}
