package io.cloudraft.kvs.service.http;

import io.cloudraft.kvs.service.codec.ErrorCode;
import io.cloudraft.kvs.service.codec.RequestRefused;
import io.cloudraft.kvs.service.store.StoreFailure;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Turns every failure into an answer: a status, and a JSON body that says what is wrong. */
final class Failures {
  private static final Logger log = LoggerFactory.getLogger(Failures.class);

  private Failures() {}

  static void answer(Throwable failure, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    if (response.isCommitted()) {
      log.error("An answer broke off after a part of it was sent.", failure);
      throw new IOException("the answer was sent in part", failure);
    }
    response.resetBuffer();
    answer(problem(failure), request, response);
  }

  static void answer(Problem problem, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    int status = problem.code().status();
    if (status == 429 || status == 503) {
      // Until there is room again a moment passes; until a store is writable again, a restart.
      response.setHeader("Retry-After", status == 429 ? "1" : "10");
    }
    if (isOfV1(request.getRequestURI())) {
      Json.answer(response, status, "application/problem+json", problem::writeTo);
    } else {
      Json.error(response, status, problem.detail());
    }
  }

  /** The three first endpoints, and what a cluster asks, keep the form that they began with. */
  private static boolean isOfV1(@Nullable String uri) {
    return uri != null && (uri.startsWith("/v1/") || uri.equals("/v1"));
  }

  /** What a client is told of a failure. The log is told of those that are our own. */
  static Problem problem(Throwable failure) {
    return switch (failure) {
      case RequestRefused refused ->
          new Problem(refused.code(), refused.getMessage(), refused.extras());
      case StoreFailure refused -> problem(refused);
      case CompletionException wrapped when wrapped.getCause() != null ->
          problem(wrapped.getCause());
      default -> {
        log.error("A request failed, and not by its sender's fault.", failure);
        yield new Problem(
            ErrorCode.INTERNAL, "Internal error; the log of the service has the cause.");
      }
    };
  }

  private static Problem problem(StoreFailure failure) {
    String detail = failure.getMessage();
    return switch (failure) {
      case StoreFailure.Busy _ -> new Problem(ErrorCode.BUSY, detail);
      case StoreFailure.ReadsTooMuch _ -> new Problem(ErrorCode.READS_TOO_MUCH, detail);
      case StoreFailure.NotWritable _ -> new Problem(ErrorCode.NOT_WRITABLE, detail);
      case StoreFailure.Closed _ -> new Problem(ErrorCode.SHUTTING_DOWN, detail);
      case StoreFailure.Compacted compacted ->
          new Problem(
              ErrorCode.HISTORY_COMPACTED,
              detail,
              json -> json.writeNumberProperty("oldest", compacted.oldest().number()));
      case StoreFailure.Damaged damaged -> {
        log.error("Stored data is damaged.", damaged);
        yield new Problem(ErrorCode.DAMAGED, detail);
      }
    };
  }
}
