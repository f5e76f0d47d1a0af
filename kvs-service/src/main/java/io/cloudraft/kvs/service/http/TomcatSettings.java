package io.cloudraft.kvs.service.http;

import io.cloudraft.kvs.service.codec.Limits;
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

  private static final int READ_BUFFER = 512;
  private static final int WRITE_BUFFER = 2048;

  private final Limits limits;
  private final Watches watches;
  private final MeterRegistry registry;

  public TomcatSettings(Limits limits, Watches watches, MeterRegistry registry) {
    this.limits = limits;
    this.watches = watches;
    this.registry = registry;
  }

  @Override
  public void customize(TomcatWebServerFactory factory) {
    factory.setProtocol(HttpProtocol.class.getName());
    factory.addConnectorCustomizers(this::customize);
    factory.addEngineValves(new RequestMetrics(registry), new ExactContentType());
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
