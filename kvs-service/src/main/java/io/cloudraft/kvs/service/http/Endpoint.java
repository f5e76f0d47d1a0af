package io.cloudraft.kvs.service.http;

import io.cloudraft.kvs.service.codec.ErrorCode;
import io.cloudraft.kvs.service.codec.RequestRefused;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What answers one path. A subclass says how; failures, wrong methods and paths that only look like
 * this one are dealt with here.
 */
public abstract class Endpoint extends HttpServlet {
  /** The methods of an endpoint that is read from. Tomcat leaves the body of a HEAD out. */
  protected static final List<String> READ = List.of("GET", "HEAD");

  private static final Logger log = LoggerFactory.getLogger(Endpoint.class);

  private final String path;
  private final List<String> methods;

  /**
   * An endpoint at one path.
   *
   * @param path as clients write it; one that ends with a slash stands for all paths below
   */
  protected Endpoint(String path, List<String> methods) {
    this.path = path;
    this.methods = methods;
  }

  /** The name in metrics, and of the servlet. */
  public final String name() {
    return path.substring(1, path.endsWith("/") ? path.length() - 1 : path.length());
  }

  /** Every path that is answered, as clients write it. */
  List<String> paths() {
    return List.of(path);
  }

  final String mapping() {
    return path.endsWith("/") ? path + "*" : path;
  }

  @Override
  protected final void service(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    // A browser that guesses another type would run what someone stored.
    response.setHeader("X-Content-Type-Options", "nosniff");
    try {
      String rest = restOfPath(request.getRequestURI());
      if (!methods.contains(request.getMethod())) {
        response.setHeader("Allow", String.join(", ", methods));
        throw new RequestRefused(
            ErrorCode.METHOD_NOT_ALLOWED,
            "The method %s is not possible here: %s answers to %s."
                .formatted(request.getMethod(), path, String.join(" and ", methods)));
      }
      answer(request, rest, response);
    } catch (IOException e) {
      // The client is gone; or it sent a body that is malformed or stuck, and Tomcat, which
      // noticed,
      // has already decided on the answer that ErrorReports gives.
      log.debug("A request broke off.", e);
    } catch (Exception failure) {
      Failures.answer(failure, request, response);
    }
  }

  /**
   * What follows the path, raw. Tomcat finds endpoints by the path that is left when {@code ..} and
   * the like are resolved; a key with such parts must not reach another endpoint, or become another
   * key.
   */
  private String restOfPath(String uri) {
    boolean whole = path.endsWith("/");
    if (whole ? uri.startsWith(path) : uri.equals(path)) {
      return uri.substring(path.length());
    }
    if (whole && uri.length() == path.length() - 1) {
      return "";
    }
    throw Routes.unknownPath(uri);
  }

  /**
   * Answers a request of the right path and method, or throws what {@link Failures} can tell.
   *
   * @param rest what follows this endpoint's path, still percent-encoded
   */
  protected abstract void answer(
      HttpServletRequest request, String rest, HttpServletResponse response) throws IOException;

  /** What is answered with once it is there. */
  @FunctionalInterface
  protected interface Answer<T> {
    void write(T result) throws IOException;
  }

  /**
   * Answers when the result is there, which no thread waits for. The answer is written on a thread
   * of the store, so it must fit into the container's buffer: a thread that is not the container's
   * must neither wait for a client, nor meet one that is gone, as the container then clears the
   * request away under its hands.
   */
  protected static <T> void answerLater(
      HttpServletRequest request,
      HttpServletResponse response,
      CompletableFuture<T> result,
      Answer<T> answer) {
    AsyncContext async = request.startAsync();
    // The store answers every write; when is up to the disk.
    async.setTimeout(0);
    var _ =
        result.whenComplete(
            (done, failure) -> {
              try {
                if (failure == null) {
                  answer.write(done);
                } else {
                  Failures.answer(failure, request, response);
                }
              } catch (IOException e) {
                log.debug("The client did not wait for the answer.", e);
              } catch (RuntimeException e) {
                answerFailure(e, request, response);
              } finally {
                async.complete();
              }
            });
  }

  private static void answerFailure(
      RuntimeException failure, HttpServletRequest request, HttpServletResponse response) {
    try {
      Failures.answer(failure, request, response);
    } catch (IOException e) {
      log.debug("The client did not wait for the answer.", e);
    }
  }
}
