package io.cloudraft.kvs.service.http;

import io.cloudraft.kvs.service.access.Access;
import io.cloudraft.kvs.service.access.Guard;
import io.cloudraft.kvs.service.codec.ErrorCode;
import io.cloudraft.kvs.service.codec.RequestRefused;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.Collections;
import java.util.List;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;

/**
 * Refuses whoever has no token for what he asks, before anything of it is done. The form is that of
 * RFC 6750.
 */
final class Authorization extends ValveBase {
  private static final String HEADER = "Authorization";
  private static final String CHALLENGE = "Bearer realm=\"kvs\"";

  private final Guard guard;

  Authorization(Guard guard) {
    super(true);
    this.guard = guard;
  }

  @Override
  public void invoke(Request request, Response response) throws IOException, ServletException {
    if (guard.isOpen() || OpenPaths.isRefusedOrOpen(request, response)) {
      getNext().invoke(request, response);
      return;
    }
    Access access = accessOf(request, guard);
    if (access.allows(
        Endpoint.READ.contains(request.getMethod()) ? Access.READ_ONLY : Access.READ_WRITE)) {
      getNext().invoke(request, response);
    } else if (access != Access.NONE) {
      refuse(
          ErrorCode.FORBIDDEN,
          "The token may only read, and a %s needs one that may write."
              .formatted(request.getMethod()),
          ", error=\"insufficient_scope\"",
          request,
          response);
    } else if (request.getHeader(HEADER) == null) {
      refuse(
          ErrorCode.UNAUTHORIZED,
          "This store asks for a token: the header Authorization must be \"Bearer\", a space and a token.",
          "",
          request,
          response);
    } else {
      refuse(
          ErrorCode.UNAUTHORIZED,
          "The header Authorization has no token that is valid here. It must be there once, as \"Bearer\", a space and a token.",
          ", error=\"invalid_token\"",
          request,
          response);
    }
  }

  /** What its sender may do by now. */
  static Access accessOf(HttpServletRequest request, Guard guard) {
    if (guard.isOpen()) {
      return Access.READ_WRITE;
    }
    List<String> headers = Collections.list(request.getHeaders(HEADER));
    return headers.size() == 1 ? guard.accessOf(headers.getFirst()) : Access.NONE;
  }

  private static void refuse(
      ErrorCode code, String detail, String reason, Request request, Response response)
      throws IOException {
    response.setHeader("WWW-Authenticate", CHALLENGE + reason);
    ArrivingBodies.refuse(new RequestRefused(code, detail), request, response);
  }
}
