package io.cloudraft.kvs.service.http;

import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import java.io.IOException;
import java.util.Objects;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;

/**
 * Lets an endpoint answer with a media type to the letter. Tomcat takes a type apart and writes it
 * anew, in other words if it has a charset: {@code text/html; charset="x"} would come back as
 * {@code text/html;charset=x}.
 */
final class ExactContentType extends ValveBase {
  private static final String RESPONSE = ExactContentType.class.getName();

  ExactContentType() {
    super(true);
  }

  @Override
  public void invoke(Request request, Response response) throws IOException, ServletException {
    request.setAttribute(RESPONSE, response);
    getNext().invoke(request, response);
  }

  /** Sets the media type of the answer to this request. */
  static void set(ServletRequest request, String contentType) {
    Response response = (Response) Objects.requireNonNull(request.getAttribute(RESPONSE));
    response.getCoyoteResponse().setContentTypeNoCharset(contentType);
  }
}
