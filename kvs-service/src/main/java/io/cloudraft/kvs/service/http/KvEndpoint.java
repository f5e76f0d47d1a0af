package io.cloudraft.kvs.service.http;

import io.cloudraft.kvs.service.codec.ConsistencyHeader;
import io.cloudraft.kvs.service.codec.ContentType;
import io.cloudraft.kvs.service.codec.ErrorCode;
import io.cloudraft.kvs.service.codec.Expiry;
import io.cloudraft.kvs.service.codec.Limits;
import io.cloudraft.kvs.service.codec.Parameters;
import io.cloudraft.kvs.service.codec.PathKey;
import io.cloudraft.kvs.service.codec.Preconditions;
import io.cloudraft.kvs.service.codec.RequestRefused;
import io.cloudraft.kvs.service.store.Compare;
import io.cloudraft.kvs.service.store.Consistency;
import io.cloudraft.kvs.service.store.Entry;
import io.cloudraft.kvs.service.store.Key;
import io.cloudraft.kvs.service.store.KeyValueStore;
import io.cloudraft.kvs.service.store.Metadata;
import io.cloudraft.kvs.service.store.Operation;
import io.cloudraft.kvs.service.store.Outcome;
import io.cloudraft.kvs.service.store.Transaction;
import io.cloudraft.kvs.service.store.Value;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Enumeration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * {@code /v1/kv/{key}}: one key, with raw bytes under it. Its revision is its entity tag, so that
 * conditions make an update safe against others. {@code /v1/kv?key=} takes keys that no path can
 * hold; without a key it is a search, which {@link SearchPages} answers.
 */
final class KvEndpoint extends Endpoint {
  static final String NAME = "v1/kv";

  private static final String PATH = "/" + NAME + "/";
  private static final List<String> NO_PARAMETERS = List.of();
  private static final List<String> KEY = List.of("key");
  private static final List<String> TTL = List.of("ttl");
  private static final List<String> KEY_AND_TTL = List.of("key", "ttl");

  private static final List<String> NOT_KEPT = List.of("Content-Encoding", "Content-Range");

  private final transient KeyValueStore store;
  private final transient Commits commits;
  private final transient Limits limits;
  private final transient BodyReader bodies;
  private final transient SearchPages pages;
  private final transient HeapShare heap;
  private final transient InstantSource clock;

  KvEndpoint(
      KeyValueStore store,
      Commits commits,
      Limits limits,
      BodyReader bodies,
      SearchPages pages,
      HeapShare heap,
      InstantSource clock) {
    super(PATH, List.of("GET", "HEAD", "PUT", "DELETE"));
    this.store = store;
    this.commits = commits;
    this.limits = limits;
    this.bodies = bodies;
    this.pages = pages;
    this.heap = heap;
    this.clock = clock;
  }

  @Override
  List<String> paths() {
    return List.of(PATH, PATH.substring(0, PATH.length() - 1));
  }

  @Override
  protected void answer(HttpServletRequest request, String rest, HttpServletResponse response)
      throws IOException {
    String method = request.getMethod();
    String query = request.getQueryString();
    boolean keyInPath = request.getRequestURI().length() >= PATH.length();
    boolean put = method.equals("PUT");
    if (!keyInPath && READ.contains(method) && !Parameters.isThere(query, "key")) {
      pages.answer(query, consistency(request), response);
      return;
    }
    Parameters parameters =
        Parameters.parse(
            query, keyInPath ? (put ? TTL : NO_PARAMETERS) : (put ? KEY_AND_TTL : KEY));
    Key key = keyInPath ? PathKey.decode(rest, limits) : parameters.key("key", limits);
    Preconditions preconditions =
        Preconditions.parse(key, list(request, "If-Match"), list(request, "If-None-Match"));
    switch (method) {
      case "PUT" -> put(key, preconditions, parameters, request, response);
      case "DELETE" -> delete(key, preconditions, request, response);
      default -> heap.answer(part -> get(key, preconditions, request, response, part));
    }
  }

  private void get(
      Key key,
      Preconditions preconditions,
      HttpServletRequest request,
      HttpServletResponse response,
      HeapShare.Part part)
      throws IOException {
    Optional<Entry> entry = store.get(key, consistency(request));
    Optional<Compare> ifMatch = preconditions.ifMatch();
    if (ifMatch.isPresent() && !ifMatch.get().holds(entry)) {
      throw preconditionFailed("If-Match", entry, response);
    }
    if (entry.isEmpty()) {
      throw notFound();
    }
    Optional<Compare> ifNoneMatch = preconditions.ifNoneMatch();
    if (ifNoneMatch.isPresent() && !ifNoneMatch.get().holds(entry)) {
      describe(response, entry.get().metadata());
      response.setHeader("Cache-Control", ValueAnswer.CACHE_CONTROL);
      response.setStatus(HttpServletResponse.SC_NOT_MODIFIED);
    } else {
      // First, as after waiting for room another version may be answered with.
      ValueAnswer.makeRoom(response, entry.get().value(), part);
      describe(response, entry.get().metadata());
      ValueAnswer.write(request, response, entry.get().value());
    }
  }

  private static Consistency consistency(HttpServletRequest request) {
    return ConsistencyHeader.parse(request.getHeader(ConsistencyHeader.NAME));
  }

  private void put(
      Key key,
      Preconditions preconditions,
      Parameters parameters,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    refuseWhatIsNotKept(request);
    String contentType = contentType(request);
    Optional<Duration> timeToLive =
        parameters.given("ttl").map(ttl -> Expiry.parseTtl(ttl.toString(), "parameter \"ttl\""));
    Value value;
    try (BodyReader.Body body =
        bodies.readValue(request.getInputStream(), request.getContentLengthLong())) {
      value = new Value(contentType, body.copy());
    }
    // From now on, however long the body took to arrive.
    Optional<Instant> expires = timeToLive.map(Instant.ofEpochMilli(clock.millis())::plus);
    answerLater(
        request,
        response,
        commit(key, new Operation.Put(key, value, expires), preconditions),
        outcome -> {
          if (outcome.succeeded()
              && outcome.results().getFirst() instanceof Outcome.Result.Put(Metadata metadata)) {
            boolean created = metadata.version() == 1;
            response.setStatus(
                created ? HttpServletResponse.SC_CREATED : HttpServletResponse.SC_OK);
            describe(response, metadata);
          } else {
            throw preconditionFailed(preconditions, outcome, response);
          }
        });
  }

  /** Headers that would change what the body means, if they were not ignored. */
  private static void refuseWhatIsNotKept(HttpServletRequest request) {
    for (String header : NOT_KEPT) {
      if (request.getHeader(header) != null) {
        throw RequestRefused.malformed(
            "The header %s is not kept with a value: send the whole value, as it is to be given back."
                .formatted(header));
      }
    }
  }

  private static String contentType(HttpServletRequest request) {
    String contentType = list(request, "Content-Type");
    return contentType == null
        ? ContentType.BYTES
        : ContentType.check(contentType, "header Content-Type");
  }

  private void delete(
      Key key,
      Preconditions preconditions,
      HttpServletRequest request,
      HttpServletResponse response) {
    answerLater(
        request,
        response,
        commit(key, new Operation.Delete(key), preconditions),
        outcome -> {
          if (!outcome.succeeded()) {
            throw preconditionFailed(preconditions, outcome, response);
          }
          if (outcome.results().getFirst() instanceof Outcome.Result.Deleted(boolean existed)
              && !existed) {
            throw notFound();
          }
          response.setStatus(HttpServletResponse.SC_NO_CONTENT);
          response.setHeader("Kvs-Revision", Long.toString(outcome.revision().number()));
        });
  }

  /** Changes the key if it is as expected, and otherwise tells what it is. */
  private CompletableFuture<Outcome> commit(
      Key key, Operation change, Preconditions preconditions) {
    List<Compare> compares = preconditions.compares();
    return commits.commit(
        new Transaction(
            compares,
            List.of(change),
            compares.isEmpty() ? List.of() : List.of(new Operation.Get(key))));
  }

  private static RequestRefused preconditionFailed(
      Preconditions preconditions, Outcome outcome, HttpServletResponse response) {
    Optional<Entry> current =
        outcome.results().getFirst() instanceof Outcome.Result.Got(Optional<Entry> entry)
            ? entry
            : Optional.empty();
    return preconditionFailed(
        preconditions.header(outcome.failedCompare().orElseThrow()), current, response);
  }

  private static RequestRefused preconditionFailed(
      String header, Optional<Entry> current, HttpServletResponse response) {
    if (current.isEmpty()) {
      return new RequestRefused(
          ErrorCode.PRECONDITION_FAILED,
          "The condition of the header %s does not hold: there is no such key.".formatted(header),
          json -> json.writeNullProperty("revision"));
    }
    long revision = current.get().metadata().modified().number();
    response.setHeader("ETag", eTag(revision));
    return new RequestRefused(
        ErrorCode.PRECONDITION_FAILED,
        "The condition of the header %s does not hold: the key is at revision %d."
            .formatted(header, revision),
        json -> json.writeNumberProperty("revision", revision));
  }

  private static RequestRefused notFound() {
    return new RequestRefused(ErrorCode.KEY_NOT_FOUND, "There is no such key.");
  }

  /** The headers that tell what the store knows of a key. */
  private static void describe(HttpServletResponse response, Metadata metadata) {
    response.setHeader("ETag", eTag(metadata.modified().number()));
    response.setHeader("Kvs-Created", Long.toString(metadata.created().number()));
    response.setHeader("Kvs-Version", Long.toString(metadata.version()));
    if (metadata.expires().isPresent()) {
      response.setHeader("Kvs-Expires", Expiry.format(metadata.expires().get()));
    }
  }

  private static String eTag(long revision) {
    return "\"" + revision + "\"";
  }

  /**
   * A header that may stand on several lines, which together are one list; null if there is none.
   */
  private static @Nullable String list(HttpServletRequest request, String name) {
    String first = request.getHeader(name);
    if (first == null) {
      return null;
    }
    Enumeration<String> lines = request.getHeaders(name);
    StringBuilder all = new StringBuilder(lines.nextElement());
    while (lines.hasMoreElements()) {
      all.append(", ").append(lines.nextElement());
    }
    return all.toString();
  }
}
