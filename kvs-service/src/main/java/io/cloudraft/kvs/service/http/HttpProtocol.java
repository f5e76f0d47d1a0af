package io.cloudraft.kvs.service.http;

import java.io.IOException;
import org.apache.coyote.Processor;
import org.apache.coyote.http11.Http11NioProtocol;
import org.apache.coyote.http11.Http11Processor;
import org.apache.tomcat.util.net.AbstractEndpoint.Handler.SocketState;
import org.apache.tomcat.util.net.SocketWrapperBase;

/** HTTP/1.1 over {@link RequestConnections}. Tomcat makes it. */
public final class HttpProtocol extends Http11NioProtocol {
  /** The note of a request that names its {@link ClientChannel}. */
  static final int CLIENT = 17;

  private final RequestConnections connections;

  public HttpProtocol() {
    this(new RequestConnections());
  }

  private HttpProtocol(RequestConnections connections) {
    super(connections);
    this.connections = connections;
  }

  @Override
  protected Processor createProcessor() {
    return new Http11Processor(this, getAdapter()) {
      @Override
      public SocketState service(SocketWrapperBase<?> connection) throws IOException {
        getRequest().setNote(CLIENT, connection.getSocket());
        return super.service(connection);
      }
    };
  }

  RequestConnections connections() {
    return connections;
  }
}
