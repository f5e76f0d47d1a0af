package io.cloudraft.kvs.service.http;

import jakarta.servlet.ServletException;
import java.io.IOException;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;

/**
 * The first to see a request: its headers are there, so its client waits with them no more. From
 * now on it must keep pace with the body.
 */
final class EndOfHeaders extends ValveBase {
  EndOfHeaders() {
    super(true);
  }

  @Override
  public void invoke(Request request, Response response) throws IOException, ServletException {
    if (request.getCoyoteRequest().getNote(HttpProtocol.CLIENT) instanceof ClientChannel client) {
      client.endHeaders();
    }
    getNext().invoke(request, response);
  }
}
