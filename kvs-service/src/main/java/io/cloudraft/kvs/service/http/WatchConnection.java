package io.cloudraft.kvs.service.http;

import jakarta.servlet.http.WebConnection;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.coyote.http11.upgrade.InternalHttpUpgradeHandler;
import org.apache.tomcat.util.net.AbstractEndpoint.Handler.SocketState;
import org.apache.tomcat.util.net.SSLSupport;
import org.apache.tomcat.util.net.SocketEvent;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.jspecify.annotations.Nullable;

/**
 * A connection that was taken over from Tomcat's HTTP processor after the head of the answer, as
 * for a WebSocket: so the processor's buffers, some 50 KB for the longest key, go to the next
 * request, and what is left costs little enough for thousands of watches. The answer has no length:
 * it ends with its connection.
 */
public final class WatchConnection implements InternalHttpUpgradeHandler {
  /** So long a client may not read while there is something for it. */
  private static final Duration WRITE_TIMEOUT = Duration.ofSeconds(10);

  private static final Duration TAKEOVER = Duration.ofSeconds(10);

  private final CompletableFuture<SocketWrapperBase<?>> takenOver = new CompletableFuture<>();
  private final CompletableFuture<@Nullable Void> gone = new CompletableFuture<>();
  private @Nullable SocketWrapperBase<?> socket;
  private @Nullable RequestConnections connections;

  /** Tomcat makes them. */
  public WatchConnection() {}

  /** To be called before Tomcat is done with the request: from then on it is not counted there. */
  void leave(@Nullable RequestConnections connections) {
    this.connections = connections;
  }

  /** Completes when the client has gone. */
  CompletableFuture<@Nullable Void> gone() {
    return gone;
  }

  /**
   * What was written goes to the client now; whoever writes waits while the client does not read.
   */
  static final class Events extends OutputStream {
    private final SocketWrapperBase<?> client;

    private Events(SocketWrapperBase<?> client) {
      this.client = client;
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      client.write(true, bytes, offset, length);
    }

    @Override
    public void flush() throws IOException {
      client.flush(true);
    }

    @Override
    public void close() {
      client.close();
    }
  }

  /** Waits for Tomcat to be done with the request, which it was when this was made. */
  Events events() throws IOException, InterruptedException {
    try {
      return new Events(takenOver.get(TAKEOVER.toMillis(), TimeUnit.MILLISECONDS));
    } catch (ExecutionException | TimeoutException e) {
      throw new IOException("the connection was gone before it could be taken over", e);
    }
  }

  @Override
  public void setSocketWrapper(SocketWrapperBase<?> wrapper) {
    wrapper.setWriteTimeout(WRITE_TIMEOUT.toMillis());
    socket = wrapper;
  }

  @Override
  public void init(@Nullable WebConnection connection) {
    SocketWrapperBase<?> client = Objects.requireNonNull(socket);
    if (connections != null) {
      connections.beginsToWatch(client);
    }
    takenOver.complete(client);
  }

  /** A client has nothing more to say: that something came means mostly that it has gone. */
  @Override
  public SocketState upgradeDispatch(SocketEvent event) {
    return event == SocketEvent.OPEN_READ && !hasGone() ? SocketState.UPGRADED : SocketState.CLOSED;
  }

  private boolean hasGone() {
    ByteBuffer ignored = ByteBuffer.allocate(512);
    SocketWrapperBase<?> client = socket;
    try {
      int read;
      do {
        ignored.clear();
        read = client == null ? -1 : client.read(false, ignored);
      } while (read > 0);
      return read < 0;
    } catch (IOException e) {
      return true;
    }
  }

  @Override
  public void destroy() {
    gone.complete(null);
  }

  @Override
  public void timeoutAsync(long now) {
    // Nothing is asynchronous here.
  }

  @Override
  public void setSslSupport(@Nullable SSLSupport ssl) {
    // Not needed: nothing asks for certificates.
  }

  @Override
  public void pause() {
    // Those who watch are told of the end by Watches.
  }
}
