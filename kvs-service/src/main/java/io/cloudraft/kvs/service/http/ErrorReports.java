package io.cloudraft.kvs.service.http;

import io.cloudraft.kvs.service.codec.Limits;
import io.cloudraft.kvs.service.codec.PathKey;
import io.cloudraft.kvs.service.codec.RequestRefused;
import io.cloudraft.kvs.service.codec.RequestRefused.Reason;
import io.cloudraft.kvs.service.store.Key;
import java.io.IOException;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ErrorReportValve;
import org.apache.tomcat.util.res.StringManager;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers what Tomcat refuses before any endpoint sees it: request lines and headers that are not
 * HTTP, or too large, and paths that are not percent-encoded text.
 */
final class ErrorReports extends ErrorReportValve {
  private static final Logger log = LoggerFactory.getLogger(ErrorReports.class);

  private static final String HEADER_TOO_LARGE =
      StringManager.getManager("org.apache.coyote.http11")
          .getString("iib.requestheadertoolarge.error");

  private final Limits limits;

  ErrorReports(Limits limits) {
    this.limits = limits;
  }

  @Override
  protected void report(Request request, Response response, @Nullable Throwable failure) {
    int status = response.getStatus();
    if (status < 400 || response.getContentWritten() > 0 || !response.setErrorReported()) {
      return;
    }
    try {
      switch (status) {
        case 400 -> answerMalformed(request, response, failure);
        case 408 -> Json.error(response, 408, "The body stopped arriving before it was complete.");
        case 417 ->
            Json.error(response, 417, "The only expectation that can be met is 100-continue.");
        case 501 ->
            Json.error(
                response,
                501,
                "Neither CONNECT nor a Transfer-Encoding other than chunked is supported.");
        case 505 -> Json.error(response, 505, "HTTP/1.1 and HTTP/1.0 are spoken here.");
        default -> {
          log.error("A request ended with status {}, and not by an endpoint.", status, failure);
          Json.error(response, status, "Internal error; the log of the service has the cause.");
        }
      }
      response.finishResponse();
    } catch (IOException e) {
      log.debug("The client did not wait for the answer.", e);
    }
  }

  private void answerMalformed(Request request, Response response, @Nullable Throwable failure)
      throws IOException {
    String uri = request.getRequestURI();
    if (failure != null && HEADER_TOO_LARGE.equals(failure.getMessage())) {
      // Tomcat knows the path only when the request line was short enough.
      Json.error(
          response,
          uri == null ? 414 : 431,
          "The request line and the headers have more than %d bytes together; a key has at most %d (KVS_MAX_KEY_BYTES)."
              .formatted(limits.maxHeaderBytes(), limits.maxKeyBytes()));
    } else {
      Failures.answer(whatIsMalformed(uri, request, response, failure), response);
    }
  }

  private RequestRefused whatIsMalformed(
      @Nullable String uri, Request request, Response response, @Nullable Throwable failure) {
    if (failure == null && uri != null && uri.startsWith("/get/")) {
      try {
        Key key = PathKey.decode(uri.substring("/get/".length()), limits);
        if (key.toString().indexOf('\0') >= 0) {
          return notHttp("a key with the character NUL cannot be written into a path.");
        }
      } catch (RequestRefused refused) {
        return refused;
      }
      if (request.getContext() == null && response.getMessage() != null) {
        return Routes.unknownPath(uri);
      }
    }
    String reason = failure == null ? response.getMessage() : failure.getMessage();
    return notHttp(
        reason == null
            ? "Host, Content-Length or Transfer-Encoding is missing, there twice or wrong."
            : reason);
  }

  private static RequestRefused notHttp(String reason) {
    return new RequestRefused(Reason.MALFORMED, "The request is not valid HTTP: " + reason);
  }
}
