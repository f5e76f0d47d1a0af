package io.cloudraft.kvs.service.http;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.apache.coyote.Processor;
import org.apache.tomcat.util.net.NioChannel;
import org.apache.tomcat.util.net.NioEndpoint;
import org.apache.tomcat.util.net.SocketBufferHandler;
import org.apache.tomcat.util.net.SocketEvent;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tomcat's connections. A request is let in before any of it is read, or refused at once: a client
 * that hears so soon can try again, one that waits in a queue of the kernel cannot. Whoever sends
 * headers too slowly is cut off.
 *
 * <p>They are shared out among {@link EventLoop}s, as many as processors.
 */
final class RequestConnections extends NioEndpoint {
  private static final Logger log = LoggerFactory.getLogger(RequestConnections.class);

  private static final int MAX_LOOPS = 8;

  /** So long a request waits for a processor. */
  private static final Duration PATIENCE = Duration.ofSeconds(1);

  /** So long a stop waits for the store. */
  private static final Duration LAST_EXCHANGES = Duration.ofSeconds(10);

  /** So long a client that was refused may take to read that. */
  private static final Duration FAREWELL = Duration.ofSeconds(2);

  /** So many connections beyond the limit are told so; others are closed. */
  private static final int MAX_FAREWELLS = 256;

  private final List<EventLoop> loops = new ArrayList<>();
  private int lastLoop;
  private @Nullable LoopMaker loopMaker;
  private @Nullable Admission admission;

  private final AtomicInteger exchanges = new AtomicInteger();

  private final AtomicInteger farewells = new AtomicInteger();

  /** Of the connection that is being accepted, which one thread does. */
  private boolean admitsNext;

  RequestConnections() {
    // Each connection is an object of its own, so that nobody mistakes one for the next.
    getSocketProperties().setBufferPool(0);
  }

  void limitBy(Admission admission) {
    this.admission = admission;
  }

  /** Makes a loop of these connections. */
  @FunctionalInterface
  interface LoopMaker {
    EventLoop make() throws IOException;
  }

  /** To be called once, before anything connects. */
  void shareOutAmong(LoopMaker maker) {
    this.loopMaker = maker;
  }

  @Override
  public void startInternal() throws Exception {
    int count = Math.min(Runtime.getRuntime().availableProcessors(), MAX_LOOPS);
    // A stop waits for all of them, and for Tomcat's own poller, which has nothing to do.
    setStopLatch(new CountDownLatch(count + 1));
    for (int i = 0; i < count; i++) {
      EventLoop loop = Objects.requireNonNull(loopMaker).make();
      loops.add(loop);
      Thread.ofPlatform().daemon().name(getName() + "-Loop-" + i).start(loop);
    }
    super.startInternal();
  }

  void exchangeBegins() {
    exchanges.incrementAndGet();
  }

  void exchangeEnds() {
    exchanges.decrementAndGet();
  }

  /** No servlet knows of these, so nobody else waits for them before the end. */
  private void awaitExchanges() {
    long deadline = System.nanoTime() + LAST_EXCHANGES.toNanos();
    while (exchanges.get() > 0 && System.nanoTime() - deadline < 0) {
      LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
    }
  }

  @Override
  public void stopInternal() {
    awaitExchanges();
    loops.forEach(EventLoop::stop);
    super.stopInternal();
    loops.clear();
  }

  /** The loop of the next connection: asked by each, when it is made by the acceptor. */
  @Override
  protected Poller getPoller() {
    lastLoop = (lastLoop + 1) % loops.size();
    return loops.get(lastLoop);
  }

  private Admission admission() {
    return Objects.requireNonNull(admission);
  }

  @Override
  protected boolean setSocketOptions(SocketChannel socket) {
    admitsNext = admission().tryOpen();
    if (!admitsNext && farewells.incrementAndGet() > MAX_FAREWELLS) {
      farewells.decrementAndGet();
      admission().countRefused();
      destroySocket(socket);
      return true;
    }
    return register(socket);
  }

  /** As Tomcat does it, but for its one poller. */
  private boolean register(SocketChannel socket) {
    NioSocketWrapper connection = null;
    try {
      NioChannel channel =
          createChannel(
              new SocketBufferHandler(
                  socketProperties.getAppReadBufSize(),
                  socketProperties.getAppWriteBufSize(),
                  socketProperties.getDirectBuffer()));
      NioSocketWrapper accepted = new NioSocketWrapper(channel, this);
      channel.reset(socket, accepted);
      connections.put(socket, accepted);
      connection = accepted;
      socket.configureBlocking(false);
      socketProperties.setProperties(socket.socket());
      accepted.setReadTimeout(getConnectionTimeout());
      accepted.setWriteTimeout(getConnectionTimeout());
      accepted.setKeepAliveLeft(getMaxKeepAliveRequests());
      accepted.getPoller().register(accepted);
      return true;
    } catch (IOException | RuntimeException e) {
      log.debug("A connection could not be taken.", e);
      if (connection == null) {
        destroySocket(socket);
      }
      // Otherwise Tomcat closes it, as it is told that it was not taken.
      return false;
    }
  }

  @Override
  protected NioChannel createChannel(SocketBufferHandler buffers) {
    return new ClientChannel(buffers, admission(), admitsNext);
  }

  @Override
  public boolean processSocket(
      SocketWrapperBase<NioChannel> connection, SocketEvent event, boolean dispatch) {
    if (connection.getSocket() instanceof ClientChannel client) {
      client.waits();
    }
    return super.processSocket(connection, event, dispatch);
  }

  /** To be called for a connection by which no more request comes. */
  void beginsToWatch(SocketWrapperBase<?> connection) {
    if (connection.getSocket() instanceof ClientChannel client) {
      client.leave();
    }
  }

  @Override
  public void setHandler(Handler<NioChannel> handler) {
    super.setHandler(new Gate(handler));
  }

  private final class Gate implements Handler<NioChannel> {
    private final Handler<NioChannel> handler;

    Gate(Handler<NioChannel> handler) {
      this.handler = handler;
    }

    @Override
    public SocketState process(SocketWrapperBase<NioChannel> connection, SocketEvent event) {
      if (!(connection.getSocket() instanceof ClientChannel client)) {
        return handler.process(connection, event);
      }
      if (client.isRefused()) {
        return awaitFarewell(connection, client, event);
      }
      if (connection.getCurrentProcessor() == null && event == SocketEvent.OPEN_READ) {
        if (!isLetIn(connection, client)) {
          return refuse(connection, client);
        }
        client.beginRequest();
      } else if (client.isInHeaders() && (event == SocketEvent.ERROR || client.isLate())) {
        Refusal.HEADERS_TOO_SLOW.send(client, false);
        return SocketState.CLOSED;
      }
      int turn = client.turn();
      SocketState state = after(handler.process(connection, event), connection, client);
      if (state == SocketState.OPEN) {
        client.done(turn);
      }
      return state;
    }

    private boolean isLetIn(SocketWrapperBase<NioChannel> connection, ClientChannel client) {
      if (client.isAdmitted()
          && client.nanosWaited() <= PATIENCE.toNanos()
          && admission().tryBegin()) {
        return true;
      }
      if (FirstLine.peek(connection).isProbe()) {
        admission().begin();
        return true;
      }
      return false;
    }

    private SocketState after(
        SocketState state, SocketWrapperBase<NioChannel> connection, ClientChannel client) {
      boolean headersMissing =
          state == SocketState.LONG
              && connection.getCurrentProcessor() instanceof Processor request
              && !request.isAsync();
      if (headersMissing) {
        if (!client.tryBeginHeaders()) {
          admission().countRefused();
          Refusal.OVERLOADED.send(client, false);
          return SocketState.CLOSED;
        }
        connection.setReadTimeout(client.millisToDeadline());
      } else if (state == SocketState.OPEN) {
        client.endRequest();
      } else if (state == SocketState.CLOSED
          && client.isInRequest()
          && (client.hasGivenUpBody() || hasUnread(connection))) {
        client.endRequest();
        return takeLeave(connection, client);
      } else {
        client.endHeaders();
      }
      return state;
    }

    private boolean hasUnread(SocketWrapperBase<NioChannel> connection) {
      try {
        return connection.read(false, ByteBuffer.allocate(512)) > 0;
      } catch (IOException e) {
        return false;
      }
    }

    private SocketState refuse(SocketWrapperBase<NioChannel> connection, ClientChannel client) {
      admission().countRefused();
      Refusal.OVERLOADED.send(client, FirstLine.peek(connection).isOfV1());
      return takeLeave(connection, client);
    }

    private SocketState takeLeave(SocketWrapperBase<NioChannel> connection, ClientChannel client) {
      client.refuse(FAREWELL.toNanos());
      try {
        client.getIOChannel().shutdownOutput();
      } catch (IOException e) {
        return SocketState.CLOSED;
      }
      return awaitFarewell(connection, client, SocketEvent.OPEN_READ);
    }

    /**
     * A connection that is closed while something is unread is reset, and the client might never
     * see why: so what it sends is read for a while.
     */
    private SocketState awaitFarewell(
        SocketWrapperBase<NioChannel> connection, ClientChannel client, SocketEvent event) {
      if (event != SocketEvent.OPEN_READ || client.isLate()) {
        return SocketState.CLOSED;
      }
      ByteBuffer ignored = ByteBuffer.allocate(4096);
      try {
        int read;
        do {
          ignored.clear();
          read = connection.read(false, ignored);
        } while (read > 0 && !client.isLate());
      } catch (IOException e) {
        return SocketState.CLOSED;
      }
      connection.setReadTimeout(client.millisToDeadline());
      connection.registerReadInterest();
      return SocketState.LONG;
    }

    @Override
    public void release(SocketWrapperBase<NioChannel> connection) {
      if (connection.getSocket() instanceof ClientChannel client) {
        client.leave();
        if (!client.isAdmitted()) {
          farewells.decrementAndGet();
        }
      }
      handler.release(connection);
    }

    @Override
    public @Nullable Object getGlobal() {
      return handler.getGlobal();
    }

    @Override
    public void pause() {
      handler.pause();
    }

    @Override
    public void recycle() {
      handler.recycle();
    }
  }
}
