package io.cloudraft.kvs.service.http;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.tomcat.util.net.NioChannel;
import org.apache.tomcat.util.net.NioEndpoint;
import org.apache.tomcat.util.net.SocketEvent;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.jspecify.annotations.Nullable;

/**
 * Tomcat's connections, of which the limit ({@code server.tomcat.max-connections}) counts only
 * those that a request may come by: a watch takes a small part of what a request does, and has a
 * limit of its own.
 */
final class RequestConnections extends NioEndpoint {
  private final Set<SocketWrapperBase<?>> watched = ConcurrentHashMap.newKeySet();

  /** Whether this thread closes a connection that was counted down before. */
  private final ThreadLocal<Boolean> closesWatched = ThreadLocal.withInitial(() -> false);

  /** To be called for a connection by which no more request comes. */
  void beginsToWatch(SocketWrapperBase<?> connection) {
    watched.add(connection);
    super.countDownConnection();
  }

  @Override
  public void setHandler(Handler<NioChannel> handler) {
    super.setHandler(new ReleaseNoting(handler));
  }

  /** Tomcat closes a connection by releasing and then counting it down, on one thread. */
  @Override
  protected long countDownConnection() {
    if (closesWatched.get()) {
      closesWatched.remove();
      return getConnectionCount();
    }
    return super.countDownConnection();
  }

  private final class ReleaseNoting implements Handler<NioChannel> {
    private final Handler<NioChannel> handler;

    ReleaseNoting(Handler<NioChannel> handler) {
      this.handler = handler;
    }

    @Override
    public void release(SocketWrapperBase<NioChannel> connection) {
      if (watched.remove(connection)) {
        closesWatched.set(true);
      }
      handler.release(connection);
    }

    @Override
    public SocketState process(SocketWrapperBase<NioChannel> connection, SocketEvent event) {
      return handler.process(connection, event);
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
