package io.cloudraft.kvs.service.http;

import java.util.Set;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;

/**
 * What everybody may ask at any time, as it shows no key and no value: what a cluster asks, and how
 * the interface is.
 */
final class OpenPaths {
  private static final Set<String> PATHS =
      Set.of("/livez", "/readyz", "/metrics", "/openapi.yaml", "/docs");

  private OpenPaths() {}

  /** Whether there is nothing to hold back. */
  static boolean isRefusedOrOpen(Request request, Response response) {
    if (ErrorReports.isRefused(response)) {
      return true;
    }
    String uri = request.getRequestURI();
    return PATHS.contains(uri) || uri.startsWith("/docs/");
  }
}
