package io.cloudraft.kvs.service.http;

import io.cloudraft.kvs.service.codec.ErrorCode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An answer to a request that was not read, made beforehand as it must cost next to nothing. */
final class Refusal {
  static final Refusal OVERLOADED =
      new Refusal(
          ErrorCode.OVERLOADED,
          "There are more connections or requests than fit into the memory, or than the processors keep up with; try again in a moment.");
  static final Refusal HEADERS_TOO_SLOW =
      new Refusal(
          ErrorCode.TIMEOUT,
          "The headers were not there within %d s of their first byte."
              .formatted(Pace.PATIENCE.toSeconds()));

  private static final Logger log = LoggerFactory.getLogger(Refusal.class);

  private final byte[] problem;
  private final byte[] error;

  private Refusal(ErrorCode code, String detail) {
    this.problem = answer(code, "application/problem+json", new Problem(code, detail)::writeTo);
    this.error =
        answer(
            code,
            "application/json",
            json -> {
              json.writeStartObject();
              json.writeStringProperty("error", detail);
              json.writeEndObject();
            });
  }

  private static byte[] answer(ErrorCode code, String contentType, Json.Content content) {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    try {
      Json.write(body, content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    String retryAfter = Failures.retryAfter(code).map("Retry-After: %s\r\n"::formatted).orElse("");
    String head =
        "HTTP/1.1 %d \r\nX-Content-Type-Options: nosniff\r\n%sContent-Type: %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n"
            .formatted(code.status(), retryAfter, contentType, body.size());
    return (head + body.toString(StandardCharsets.UTF_8)).getBytes(StandardCharsets.UTF_8);
  }

  /** Says it, if the client can hear it now. */
  void send(ClientChannel client, boolean ofV1) {
    try {
      client.write(ByteBuffer.wrap(ofV1 ? problem : error));
    } catch (IOException e) {
      log.debug("The client did not wait for the answer.", e);
    }
  }
}
