package io.cloudraft.kvs.service.http;

import io.cloudraft.kvs.service.store.Value;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/** Answers with a value as it is kept: its bytes under its media type. */
final class ValueAnswer {
  private ValueAnswer() {}

  static void write(HttpServletRequest request, HttpServletResponse response, Value value)
      throws IOException {
    ExactContentType.set(request, value.contentType());
    // A cache may keep it, and has to ask whether it is still so.
    response.setHeader("Cache-Control", "no-cache");
    // A page that someone stored must not run with the rights of whoever looks at it.
    response.setHeader("Content-Security-Policy", "default-src 'none'; sandbox");
    response.setContentLength(value.bytes().size());
    response.getOutputStream().write(value.bytes().array());
  }
}
