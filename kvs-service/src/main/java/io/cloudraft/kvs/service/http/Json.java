package io.cloudraft.kvs.service.http;

import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.core.exc.JacksonIOException;
import tools.jackson.core.json.JsonFactory;

/** Answers in JSON. */
public final class Json {
  /**
   * What is written stays in the container's buffer if it fits: the container sends it, on a thread
   * of its own, so that nobody else waits for a slow client.
   */
  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .disable(StreamWriteFeature.AUTO_CLOSE_TARGET)
          .disable(StreamWriteFeature.FLUSH_PASSED_TO_STREAM)
          .build();

  private Json() {}

  /** Answers with an object that has one field, {@code error}. */
  public static void error(HttpServletResponse response, int status, String message)
      throws IOException {
    answer(
        response,
        status,
        json -> {
          json.writeStartObject();
          json.writeStringProperty("error", message);
          json.writeEndObject();
        });
  }

  public static void answer(HttpServletResponse response, int status, Content content)
      throws IOException {
    answer(response, status, "application/json", content);
  }

  static void answer(HttpServletResponse response, int status, String contentType, Content content)
      throws IOException {
    response.setStatus(status);
    response.setContentType(contentType);
    response.setHeader("X-Content-Type-Options", "nosniff");
    write(response.getOutputStream(), content);
  }

  /** Writes one value, and nothing after it. */
  static void write(OutputStream out, Content content) throws IOException {
    try (JsonGenerator json = FACTORY.createGenerator(ObjectWriteContext.empty(), out)) {
      content.write(json);
    } catch (JacksonIOException e) {
      // The client is gone or does not read, which is no failure of ours.
      throw e.getCause();
    }
  }

  /** What stands in an answer. */
  @FunctionalInterface
  public interface Content {
    void write(JsonGenerator json);
  }
}
