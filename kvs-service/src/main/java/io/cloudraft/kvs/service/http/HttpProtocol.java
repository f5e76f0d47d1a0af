package io.cloudraft.kvs.service.http;

import org.apache.coyote.http11.Http11NioProtocol;

/** HTTP/1.1 over {@link RequestConnections}. Tomcat makes it. */
public final class HttpProtocol extends Http11NioProtocol {
  private final RequestConnections connections;

  public HttpProtocol() {
    this(new RequestConnections());
  }

  private HttpProtocol(RequestConnections connections) {
    super(connections);
    this.connections = connections;
  }

  RequestConnections connections() {
    return connections;
  }
}
