package io.cloudraft.kvs.service.http;

import io.cloudraft.kvs.service.codec.RequestRefused;
import io.cloudraft.kvs.service.store.StoreFailure;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Turns every failure into an answer: a status, and a JSON body that says what is wrong. */
final class Failures {
  private static final Logger log = LoggerFactory.getLogger(Failures.class);

  private Failures() {}

  static void answer(Throwable failure, HttpServletResponse response) throws IOException {
    if (response.isCommitted()) {
      log.error("An answer broke off after a part of it was sent.", failure);
      throw new IOException("the answer was sent in part", failure);
    }
    response.resetBuffer();
    switch (failure) {
      case RequestRefused refused -> answer(refused, response);
      case StoreFailure refused -> answer(refused, response);
      default -> {
        log.error("A request failed, and not by its sender's fault.", failure);
        Json.error(response, 500, "Internal error; the log of the service has the cause.");
      }
    }
  }

  private static void answer(RequestRefused refused, HttpServletResponse response)
      throws IOException {
    int status =
        switch (refused.reason()) {
          case MALFORMED, KEY_TOO_LONG -> 400;
          case KEY_NOT_FOUND, UNKNOWN_PATH -> 404;
          case METHOD_NOT_ALLOWED -> 405;
          case VALUE_TOO_LARGE, BODY_TOO_LARGE -> 413;
          case KEY_TOO_LONG_FOR_PATH -> 414;
          case TOO_MUCH_AT_ONCE -> tryAgain(response, 429);
        };
    Json.error(response, status, refused.getMessage());
  }

  private static void answer(StoreFailure failure, HttpServletResponse response)
      throws IOException {
    int status =
        switch (failure) {
          case StoreFailure.Busy _ -> tryAgain(response, 429);
          case StoreFailure.NotWritable _ -> tryAgain(response, 503);
          case StoreFailure.Compacted _ -> 410;
          case StoreFailure.Closed _ -> tryAgain(response, 503);
          case StoreFailure.Damaged damaged -> {
            log.error("Stored data is damaged.", damaged);
            yield 500;
          }
        };
    Json.error(response, status, failure.getMessage());
  }

  /** Until there is room again a moment passes; until a store is writable again, a restart. */
  private static int tryAgain(HttpServletResponse response, int status) {
    response.setHeader("Retry-After", status == 429 ? "1" : "10");
    return status;
  }
}
