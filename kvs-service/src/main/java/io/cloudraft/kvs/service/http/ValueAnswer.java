package io.cloudraft.kvs.service.http;

import io.cloudraft.kvs.service.store.Value;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/** Answers with a value as it is kept: its bytes under its media type. */
final class ValueAnswer {
  /** A cache may keep it, and has to ask whether it is still so. */
  static final String CACHE_CONTROL = "no-cache";

  /** A page that someone stored must not run with the rights of whoever looks at it. */
  static final String SECURITY_POLICY = "default-src 'none'; sandbox";

  private ValueAnswer() {}

  /** What is smaller goes into the container's buffer, and waits for no client. */
  private static boolean isLarge(Value value, HttpServletResponse response) {
    return value.bytes().size() > response.getBufferSize();
  }

  /** To be called before anything is said of the value. */
  static void makeRoom(HttpServletResponse response, Value value, HeapShare.Part part) {
    if (isLarge(value, response)) {
      part.cover(value.bytes().size());
    }
  }

  static void write(HttpServletRequest request, HttpServletResponse response, Value value)
      throws IOException {
    ExactContentType.set(request, value.contentType());
    response.setHeader("Cache-Control", CACHE_CONTROL);
    response.setHeader("Content-Security-Policy", SECURITY_POLICY);
    response.setContentLength(value.bytes().size());
    response.getOutputStream().write(value.bytes().array());
  }
}
