package io.cloudraft.kvs.service.http;

import io.cloudraft.kvs.service.access.Guard;
import io.cloudraft.kvs.service.codec.Limits;
import io.cloudraft.kvs.service.store.KeyValueStore;
import io.micrometer.core.instrument.MeterRegistry;
import org.apache.catalina.Container;
import org.apache.catalina.connector.Connector;
import org.apache.tomcat.util.buf.EncodedSolidusHandling;
import org.apache.tomcat.util.net.SocketProperties;
import org.springframework.boot.tomcat.TomcatWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;

/** What Tomcat must let through and hold back, beyond what application.yaml can say. */
public final class TomcatSettings implements WebServerFactoryCustomizer<TomcatWebServerFactory> {
  /** Not legal in a URI, but clients send them, and nothing here gives them a meaning. */
  private static final String RELAXED = "\"<>[\\]^`{|}";

  static final int READ_BUFFER = 512;
  private static final int WRITE_BUFFER = 2048;

  private final Limits limits;
  private final Admission admission;
  private final Watches watches;
  private final Guard guard;
  private final RequestRate rate;
  private final KeyValueStore store;
  private final RequestMetrics metrics;

  public TomcatSettings(
      KeyValueStore store,
      Limits limits,
      Admission admission,
      Watches watches,
      Guard guard,
      RequestRate rate,
      MeterRegistry registry) {
    this.store = store;
    this.limits = limits;
    this.admission = admission;
    this.watches = watches;
    this.guard = guard;
    this.rate = rate;
    this.metrics = new RequestMetrics(registry);
  }

  @Override
  public void customize(TomcatWebServerFactory factory) {
    factory.setProtocol(HttpProtocol.class.getName());
    factory.addConnectorCustomizers(this::customize);
    factory.addEngineValves(
        new EndOfHeaders(),
        metrics,
        new Authorization(guard),
        new RateLimit(rate),
        new ExactContentType(),
        new ArrivingBodies());
    factory.addContextCustomizers(
        context -> {
          Container host = context.getParent();
          host.getPipeline().addValve(new ErrorReports(limits));
        });
  }

  private void customize(Connector connector) {
    // Keys may hold slashes and backslashes, encoded or not: Tomcat refuses most of them by
    // default.
    connector.setEncodedSolidusHandling(EncodedSolidusHandling.PASS_THROUGH.getValue());
    connector.setEncodedReverseSolidusHandling(EncodedSolidusHandling.PASS_THROUGH.getValue());
    connector.setAllowBackslash(true);
    // Endpoints refuse TRACE like any other method, and say which they answer to.
    connector.setAllowTrace(true);
    if (connector.getProtocolHandler() instanceof HttpProtocol http) {
      watches.leave(http.connections());
      limitConnections(http);
      RequestConnections connections = http.connections();
      connections.shareOutAmong(
          () -> new EventLoop(connections, admission, store, limits, guard, rate, metrics));
      // A request that waits for its client, or for the disk, keeps no thread from others.
      http.setExecutor(Thread::startVirtualThread);
      limitBuffers(http.connections().getSocketProperties());
      http.setRelaxedPathChars(RELAXED);
      http.setRelaxedQueryChars(RELAXED);
      http.setMaxHttpRequestHeaderSize(limits.maxHeaderBytes());
      // The link to the next page repeats the query.
      http.setMaxHttpResponseHeaderSize(limits.maxHeaderBytes());
      // A client that is still sending hears a refusal only if the rest is read too.
      http.setMaxSwallowSize((int) limits.maxBodyBytes());
      // A body that is too large is refused before a client that asks first sends it.
      http.setContinueResponseTiming("onRead");
    }
  }

  private void limitConnections(HttpProtocol http) {
    admission.limitConnections(http.getMaxConnections());
    http.setMaxConnections(-1);
    http.connections().limitBy(admission);
    // The time for headers shrinks while they come, and does not count for what follows.
    http.setDisableUploadTimeout(false);
    http.setConnectionUploadTimeout(http.getConnectionTimeout());
  }

  /**
   * Every connection has these two for as long as it lasts, so most of what an idle one takes is
   * theirs. Requests are read past the first; what is larger than the second takes a system call
   * more for each time that it is filled.
   */
  private static void limitBuffers(SocketProperties socket) {
    socket.setAppReadBufSize(READ_BUFFER);
    socket.setAppWriteBufSize(WRITE_BUFFER);
  }
}
