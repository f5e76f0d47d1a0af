package io.cloudraft.kvs.service.http;

import io.cloudraft.kvs.service.codec.ErrorCode;
import io.cloudraft.kvs.service.codec.Limits;
import io.cloudraft.kvs.service.codec.PathKey;
import io.cloudraft.kvs.service.codec.RequestRefused;
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

  /** Whether Tomcat, to which its headers made no sense, has refused the request already. */
  static boolean isRefused(Response response) {
    return response.getStatus() >= 400;
  }

  @Override
  protected void report(Request request, Response response, @Nullable Throwable failure) {
    int status = response.getStatus();
    if (status < 400 || response.getContentWritten() > 0 || !response.setErrorReported()) {
      return;
    }
    try {
      ArrivingBodies.refuse(problem(status, request, response, failure), request, response);
      response.finishResponse();
    } catch (IOException e) {
      log.debug("The client did not wait for the answer.", e);
    }
  }

  private Problem problem(
      int status, Request request, Response response, @Nullable Throwable failure) {
    return switch (status) {
      case 400 -> malformed(request, response, failure);
      case 408 ->
          new Problem(ErrorCode.TIMEOUT, "The body stopped arriving before it was complete.");
      case 417 ->
          new Problem(
              ErrorCode.EXPECTATION_FAILED,
              "The only expectation that can be met is 100-continue.");
      case 501 ->
          new Problem(
              ErrorCode.NOT_IMPLEMENTED,
              "Neither CONNECT nor a Transfer-Encoding other than chunked is supported.");
      case 503 -> new Problem(ErrorCode.SHUTTING_DOWN, "The service is shutting down.");
      case 505 ->
          new Problem(
              ErrorCode.HTTP_VERSION_NOT_SUPPORTED, "HTTP/1.1 and HTTP/1.0 are spoken here.");
      default -> {
        log.error("A request ended with status {}, and not by an endpoint.", status, failure);
        yield new Problem(
            ErrorCode.INTERNAL, "Internal error; the log of the service has the cause.");
      }
    };
  }

  private Problem malformed(Request request, Response response, @Nullable Throwable failure) {
    String uri = request.getRequestURI();
    if (failure != null && HEADER_TOO_LARGE.equals(failure.getMessage())) {
      // Tomcat knows the path only when the request line was short enough.
      return new Problem(
          uri == null ? ErrorCode.KEY_TOO_LONG_FOR_PATH : ErrorCode.HEADERS_TOO_LARGE,
          "The request line and the headers have more than %d bytes together; a key has at most %d (KVS_MAX_KEY_BYTES)."
              .formatted(limits.maxHeaderBytes(), limits.maxKeyBytes()));
    }
    return Failures.problem(whatIsMalformed(uri, request, response, failure));
  }

  private RequestRefused whatIsMalformed(
      @Nullable String uri, Request request, Response response, @Nullable Throwable failure) {
    String rawKey = uri == null ? null : Routes.rawKey(uri);
    if (failure == null && uri != null && rawKey != null) {
      try {
        Key key = PathKey.decode(rawKey, limits);
        if (key.toString().indexOf('\0') >= 0) {
          return notHttp(
              "a key with the character NUL cannot be written into a path; /v1/kv?key= takes it.");
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
    return RequestRefused.malformed("The request is not valid HTTP: " + reason);
  }
}
