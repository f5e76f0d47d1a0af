package io.cloudraft.kvs.service.http;

import io.cloudraft.kvs.service.codec.RequestRefused;
import jakarta.servlet.ServletException;
import java.io.IOException;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;
import org.apache.coyote.ActionCode;

/**
 * Holds back requests whose body is still to come, when there are too many of them. A request that
 * came whole, as small ones do, never waits for its client.
 */
final class ArrivingBodies extends ValveBase {
  ArrivingBodies() {
    super(true);
  }

  @Override
  public void invoke(Request request, Response response) throws IOException, ServletException {
    org.apache.coyote.Request received = request.getCoyoteRequest();
    if (ErrorReports.isRefused(response)
        || isComplete(received)
        || !(received.getNote(HttpProtocol.CLIENT) instanceof ClientChannel client)
        || client.tryBeginBody()) {
      getNext().invoke(request, response);
      return;
    }
    refuse(Admission.Wait.BODY.refusal(), request, response);
  }

  /** Refuses a request before its body is read, and does not wait for what is missing of that. */
  static void refuse(RequestRefused refusal, Request request, Response response)
      throws IOException {
    refuse(Failures.problem(refusal), request, response);
  }

  /** The same for what Tomcat has refused. */
  static void refuse(Problem problem, Request request, Response response) throws IOException {
    org.apache.coyote.Request received = request.getCoyoteRequest();
    boolean complete = isComplete(received);
    if (!complete) {
      response.setHeader("Connection", "close");
    }
    Failures.answer(problem, request, response);
    if (!complete) {
      // Whoever is slow would be slow with the rest, too.
      received.action(ActionCode.DISABLE_SWALLOW_INPUT, null);
      if (received.getNote(HttpProtocol.CLIENT) instanceof ClientChannel client) {
        client.giveUpBody();
      }
    }
  }

  private static boolean isComplete(org.apache.coyote.Request received) {
    long length;
    try {
      length = received.getContentLengthLong();
    } catch (IllegalArgumentException e) {
      // What its headers say makes no sense, so nothing is awaited.
      return true;
    }
    if (length < 0) {
      return received.getHeader("transfer-encoding") == null;
    }
    if (length > 0) {
      received.action(ActionCode.AVAILABLE, false);
    }
    return length <= received.getAvailable();
  }
}
