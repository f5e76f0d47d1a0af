package io.cloudraft.kvs.service.http;

import io.cloudraft.kvs.service.access.Guard;
import io.cloudraft.kvs.service.codec.Limits;
import io.cloudraft.kvs.service.store.KeyValueStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.SelectionKey;
import java.util.ArrayList;
import java.util.List;
import org.apache.tomcat.util.net.NioEndpoint;
import org.apache.tomcat.util.net.NioEndpoint.NioSocketWrapper;
import org.apache.tomcat.util.net.SocketEvent;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A thread that waits for its share of the connections to be ready. It answers a {@link PlainGet}
 * itself, hands a {@link PlainPut} to the store, and gives everything else to a virtual thread, the
 * worker. It must not wait for another machine: reads of a store that is not local are left to
 * workers.
 *
 * <p>Whatever it answers was already there in full, and so is room for the answer: a GET needs
 * nothing of {@link Admission}, and no client can hold up a loop.
 */
final class EventLoop extends NioEndpoint.Poller {
  private static final Logger log = LoggerFactory.getLogger(EventLoop.class);

  /** So many are sent at once: a client that waits is woken for several, and not for each. */
  private static final int MOST_ANSWERS = 32;

  private static final int MOST_BYTES = MOST_ANSWERS * 512 + PlainGet.MAX_ANSWER;

  /** The bytes from one place up to another, for one who asked at a time. */
  private record Answer(
      SelectionKey key,
      NioSocketWrapper connection,
      ClientChannel client,
      String endpoint,
      long start,
      int from,
      int end) {}

  private final RequestConnections connections;
  private final Admission admission;
  private final RequestRate rate;
  private final boolean isLocal;
  private final PlainRequest request;
  private final PlainGet plainGet;
  private final PlainPut plainPut;
  private final RequestMetrics metrics;
  private final SlowReads slowReads = new SlowReads(new WaitForProcessor());
  private final ByteBuffer received = ByteBuffer.allocateDirect(PlainRequest.MAX_SIZE);
  private final ByteBuffer bytes = ByteBuffer.allocateDirect(MOST_BYTES);
  private final List<Answer> answers = new ArrayList<>(MOST_ANSWERS);

  EventLoop(
      RequestConnections connections,
      Admission admission,
      KeyValueStore store,
      Limits limits,
      Guard guard,
      RequestRate rate,
      RequestMetrics metrics)
      throws IOException {
    connections.super();
    this.connections = connections;
    this.admission = admission;
    this.rate = rate;
    this.isLocal = store.isLocal();
    this.request = new PlainRequest(limits, guard);
    this.plainGet = new PlainGet(store);
    this.plainPut = new PlainPut(new Commits(store, admission));
    this.metrics = metrics;
  }

  void stop() {
    destroy();
  }

  @Override
  protected void processKey(SelectionKey key, NioSocketWrapper connection) {
    try {
      if (!(connection.getSocket() instanceof ClientChannel client)) {
        super.processKey(key, connection);
      } else if (isReady(key, SelectionKey.OP_WRITE) && takesLeft(key, connection, client)) {
        // A worker has it.
      } else if (isReady(key, SelectionKey.OP_READ) && client.tryPutOff()) {
        // Whatever else it is ready for, it is again the next time.
        unreg(key, connection, SelectionKey.OP_READ);
      } else if (!answers(key, connection, client)) {
        client.beginTurn();
        super.processKey(key, connection);
      }
    } catch (RuntimeException | Error e) {
      // A loop that ended would leave all its connections alone.
      log.error("A connection is closed, because it could not be served.", e);
      connection.close();
    }
  }

  /** Gives a worker what an {@link Exchange} has left, if that is why it can be written to. */
  private boolean takesLeft(SelectionKey key, NioSocketWrapper connection, ClientChannel client) {
    ByteBuffer left = client.takeLeft();
    if (left == null) {
      return false;
    }
    unreg(key, connection, key.interestOps());
    rate.uncount();
    giveBack(left, connection, client);
    client.beginTurn();
    if (!connections.processSocket(connection, SocketEvent.OPEN_READ, true)) {
      connection.close();
    }
    return true;
  }

  private boolean answers(SelectionKey key, NioSocketWrapper connection, ClientChannel client) {
    long start = System.nanoTime();
    if (connections.isPaused()
        || !client.isAdmitted()
        || !client.isBetweenRequests()
        || !isOnlyReadable(key)
        || !read(connection, client)) {
      return false;
    }
    PlainRequest.Kind kind = request.read(received);
    if (kind != null && rate.tryCount()) {
      if (answers(kind, key, connection, client, start)) {
        return true;
      }
      rate.uncount();
    }
    giveBack(received, connection, client);
    return false;
  }

  private boolean answers(
      PlainRequest.Kind kind,
      SelectionKey key,
      NioSocketWrapper connection,
      ClientChannel client,
      long start) {
    return switch (kind) {
      case PUT -> commits(connection, client, start);
      case PlainRequest.Kind get when isLocal -> answersGet(get, key, connection, client, start);
      case GET -> asks(connection, client, start);
      case FIRST_GET -> false; // Its errors have a form of their own.
    };
  }

  private boolean commits(NioSocketWrapper connection, ClientChannel client, long start) {
    Exchange exchange = tryBegin(connection, client, start);
    return exchange != null && plainPut.tryCommit(request.key(), request.value(), exchange);
  }

  private boolean asks(NioSocketWrapper connection, ClientChannel client, long start) {
    Exchange exchange = tryBegin(connection, client, start);
    if (exchange != null) {
      plainGet.ask(request.key(), request.consistency(), request.copy(), exchange);
    }
    return exchange != null;
  }

  private @Nullable Exchange tryBegin(
      NioSocketWrapper connection, ClientChannel client, long start) {
    return Exchange.tryBegin(connections, admission, metrics, connection, client, start);
  }

  private boolean answersGet(
      PlainRequest.Kind kind,
      SelectionKey key,
      NioSocketWrapper connection,
      ClientChannel client,
      long start) {
    int from = bytes.position();
    String endpoint =
        slowReads.expectedAt(start) ? null : plainGet.answer(kind, request.key(), bytes);
    if (endpoint == null) {
      return false;
    }
    slowReads.took(start, System.nanoTime() - start);
    answers.add(new Answer(key, connection, client, endpoint, start, from, bytes.position()));
    if (answers.size() == MOST_ANSWERS || bytes.remaining() < PlainGet.MAX_ANSWER) {
      sendAll();
    }
    return true;
  }

  /** After all that were ready. */
  @Override
  protected void timeout(int keyCount, boolean hasEvents) {
    sendAll();
    super.timeout(keyCount, hasEvents);
  }

  private void sendAll() {
    for (Answer answer : answers) {
      send(answer, bytes.limit(answer.end).position(answer.from));
      metrics.record(answer.endpoint, 200, System.nanoTime() - answer.start);
    }
    answers.clear();
    bytes.clear();
  }

  private static boolean isReady(SelectionKey key, int operation) {
    return (readyOps(key) & operation) != 0;
  }

  private static boolean isOnlyReadable(SelectionKey key) {
    return readyOps(key) == SelectionKey.OP_READ;
  }

  private static int readyOps(SelectionKey key) {
    try {
      return key.readyOps();
    } catch (CancelledKeyException _) {
      return 0;
    }
  }

  private boolean read(NioSocketWrapper connection, ClientChannel client) {
    try {
      client.readNext(received.clear());
    } catch (IOException _) {
      // The worker meets it too.
      return false;
    }
    connection.updateLastRead();
    return received.flip().hasRemaining();
  }

  /** The worker reads it all again, and what does not fit into Tomcat's buffer after the rest. */
  private static void giveBack(ByteBuffer read, NioSocketWrapper connection, ClientChannel client) {
    int fitting = Math.min(read.remaining(), TomcatSettings.READ_BUFFER);
    connection.unRead(read.slice(0, fitting));
    client.giveBack(read.position(fitting));
  }

  private void send(Answer answer, ByteBuffer toSend) {
    try {
      answer.client.write(toSend);
      answer.connection.updateLastWrite();
      answer.connection.setReadTimeout(connections.getKeepAliveTimeout());
      if (toSend.hasRemaining()) {
        sendByWorker(answer, toSend);
      }
    } catch (IOException | RuntimeException e) {
      closeAfter(e, answer.connection);
    }
  }

  /** A client that leaves answers unread is waited for elsewhere. */
  private void sendByWorker(Answer answer, ByteBuffer unsent) {
    if (!admission.tryBegin()) {
      admission.countRefused();
      answer.connection.close();
      return;
    }
    ClientChannel client = answer.client;
    client.beginRequest();
    byte[] rest = new byte[unsent.remaining()];
    unsent.get(rest);
    unreg(answer.key, answer.connection, SelectionKey.OP_READ);
    client.beginTurn();
    int turn = client.turn();
    connections.getExecutor().execute(() -> send(rest, answer.connection, client, turn));
  }

  private static void send(
      byte[] rest, NioSocketWrapper connection, ClientChannel client, int turn) {
    try {
      connection.write(true, rest, 0, rest.length);
      connection.flush(true);
      client.endRequest();
      client.done(turn);
      connection.registerReadInterest();
    } catch (IOException e) {
      closeAfter(e, connection);
    }
  }

  private static void closeAfter(Exception e, NioSocketWrapper connection) {
    log.debug("The client did not wait for the answer.", e);
    connection.close();
  }
}
