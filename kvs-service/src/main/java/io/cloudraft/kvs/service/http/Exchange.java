package io.cloudraft.kvs.service.http;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.apache.tomcat.util.net.NioEndpoint.NioSocketWrapper;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A request that an event loop has handed to the store: the thread of the store that says it is
 * done sends the answer. In between it has no thread, and its connection belongs to who will
 * answer: the loop only notes that more has come by it.
 */
final class Exchange {
  private static final Logger log = LoggerFactory.getLogger(Exchange.class);

  private static final int NEVER = -1;

  private final RequestConnections connections;
  private final RequestMetrics metrics;
  private final NioSocketWrapper connection;
  private final ClientChannel client;
  private final long start;

  private Exchange(
      RequestConnections connections,
      RequestMetrics metrics,
      NioSocketWrapper connection,
      ClientChannel client,
      long start) {
    this.connections = connections;
    this.metrics = metrics;
    this.connection = connection;
    this.client = client;
    this.start = start;
  }

  /**
   * Begins it, unless there is no room for it: then the servlet has to refuse it.
   *
   * @param start when the request came
   */
  static @Nullable Exchange tryBegin(
      RequestConnections connections,
      Admission admission,
      RequestMetrics metrics,
      NioSocketWrapper connection,
      ClientChannel client,
      long start) {
    if (!admission.tryBegin()) {
      return null;
    }
    client.beginRequest();
    client.beginExchange();
    connection.setReadTimeout(NEVER);
    connections.exchangeBegins();
    return new Exchange(connections, metrics, connection, client, start);
  }

  /** Before anything else could have been done: leaves it to the servlet. */
  void cancel() {
    client.endRequest();
    client.endExchange();
    connections.exchangeEnds();
  }

  /** Sends the answer, and ends it. */
  void answer(String endpoint, int status, ByteBuffer answer) {
    try {
      client.write(answer);
      if (answer.hasRemaining()) {
        connections.getExecutor().execute(() -> sendRest(answer));
      } else {
        end();
      }
    } catch (IOException | RuntimeException e) {
      close(e);
    } finally {
      connections.exchangeEnds();
    }
    metrics.record(endpoint, status, System.nanoTime() - start);
  }

  void fail(String endpoint, Throwable failure) {
    Problem problem = Failures.problem(failure);
    answer(endpoint, problem.code().status(), PlainAnswer.problem(problem));
  }

  /** To a client that leaves answers unread. */
  private void sendRest(ByteBuffer rest) {
    try {
      connection.write(true, rest);
      connection.flush(true);
      end();
    } catch (IOException | RuntimeException e) {
      close(e);
    }
  }

  private void end() {
    connection.updateLastWrite();
    connection.updateLastRead();
    connection.setReadTimeout(connections.getKeepAliveTimeout());
    client.endRequest();
    if (client.endExchange()) {
      connection.registerReadInterest();
    }
  }

  private void close(Exception e) {
    log.debug("The client did not wait for the answer.", e);
    connection.close();
  }

  /**
   * Gives it back to the loop, as one that only the servlet can answer. The loop hears of it by
   * being told that the connection can be written to.
   */
  void giveBack(byte[] request) {
    client.leave(ByteBuffer.wrap(request));
    connection.setReadTimeout(connections.getKeepAliveTimeout());
    client.endRequest();
    connections.exchangeEnds();
    connection.registerWriteInterest();
  }
}
