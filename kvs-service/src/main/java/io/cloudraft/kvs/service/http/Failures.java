package io.cloudraft.kvs.service.http;

import io.cloudraft.kvs.service.codec.ErrorCode;
import io.cloudraft.kvs.service.codec.RequestRefused;
import io.cloudraft.kvs.service.store.StoreFailure;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Optional;
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
    retryAfter(problem.code()).ifPresent(seconds -> response.setHeader("Retry-After", seconds));
    if (isOfV1(request.getRequestURI())) {
      Json.answer(response, status, "application/problem+json", problem::writeTo);
    } else {
      Json.error(response, status, problem.detail());
    }
  }

  /** Until there is room again a moment passes; until a store is writable again, a restart. */
  static Optional<String> retryAfter(ErrorCode code) {
    return switch (code.status()) {
      case 429 -> Optional.of("1");
      case 503 -> Optional.of(isShort(code) ? "1" : "10");
      default -> Optional.empty();
    };
  }

  /** Whether it may be over in a moment, by itself. */
  private static boolean isShort(ErrorCode code) {
    return switch (code) {
      case OVERLOADED, UNAVAILABLE, OUTCOME_UNKNOWN -> true;
      default -> false;
    };
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
      case StoreFailure.DiskFull _ -> new Problem(ErrorCode.DISK_FULL, detail);
      case StoreFailure.Frozen _ -> new Problem(ErrorCode.STORE_FROZEN, detail);
      case StoreFailure.NotWritable _ -> new Problem(ErrorCode.NOT_WRITABLE, detail);
      case StoreFailure.Unavailable _, StoreFailure.Denied _ ->
          new Problem(ErrorCode.UNAVAILABLE, detail);
      case StoreFailure.OutcomeUnknown _ -> new Problem(ErrorCode.OUTCOME_UNKNOWN, detail);
      case StoreFailure.TooLarge _ -> new Problem(ErrorCode.TRANSACTION_TOO_LARGE, detail);
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
