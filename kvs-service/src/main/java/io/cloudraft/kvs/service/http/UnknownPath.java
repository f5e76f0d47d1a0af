package io.cloudraft.kvs.service.http;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/** Answers every path that no endpoint has, whatever the method. */
final class UnknownPath extends HttpServlet {
  static final String NAME = "unknown";

  @Override
  protected void service(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    Failures.answer(Routes.unknownPath(request.getRequestURI()), request, response);
  }
}
