package io.cloudraft.kvs.service.http;

import io.cloudraft.kvs.service.access.Access;
import io.cloudraft.kvs.service.access.Guard;
import io.cloudraft.kvs.service.codec.EventId;
import io.cloudraft.kvs.service.codec.Limits;
import io.cloudraft.kvs.service.codec.RequestRefused;
import io.cloudraft.kvs.service.codec.WatchQuery;
import io.cloudraft.kvs.service.store.KeyValueStore;
import io.cloudraft.kvs.service.store.Revision;
import io.cloudraft.kvs.service.store.Watch;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * {@code GET /v1/watch?prefix=abc&from=12}: server-sent events, one for each change. The request
 * ends here; a {@link WatchStream} goes on with its connection.
 */
final class WatchEndpoint extends Endpoint {
  private final transient KeyValueStore store;
  private final transient Limits limits;
  private final transient Watches watches;
  private final transient Guard guard;
  private final transient HeapShare heap;

  WatchEndpoint(KeyValueStore store, Limits limits, Watches watches, Guard guard, HeapShare heap) {
    super("/v1/watch", List.of("GET"));
    this.store = store;
    this.limits = limits;
    this.watches = watches;
    this.guard = guard;
    this.heap = heap;
  }

  @Override
  protected void answer(HttpServletRequest request, String rest, HttpServletResponse response)
      throws IOException {
    WatchQuery query =
        WatchQuery.parse(request.getQueryString(), request.getHeader("Last-Event-ID"), limits);
    watches.enter();
    boolean started = false;
    try {
      Watch watch = open(query);
      EventId id = query.last().orElseGet(() -> EventId.upTo(watch.seen()));
      begin(id, response);
      start(query, watch, id, request);
      started = true;
    } catch (ServletException e) {
      throw new IllegalStateException("the connection cannot be taken over", e);
    } finally {
      if (!started) {
        watches.leave();
      }
    }
  }

  private Watch open(WatchQuery query) {
    if (query.last().isEmpty()) {
      return store.watch(query.prefix(), query.suffix());
    }
    EventId last = query.last().get();
    Revision newest = store.revision();
    if (last.revision().compareTo(newest) > 0) {
      throw RequestRefused.malformed(
          "There is no revision %d yet: the last change has %d. If it was there once, the store was restored from a backup: read what you need anew."
              .formatted(last.revision().number(), newest.number()));
    }
    return store.watch(query.prefix(), query.suffix(), last.whole());
  }

  private static void begin(EventId id, HttpServletResponse response) throws IOException {
    response.setContentType("text/event-stream");
    response.setHeader("Cache-Control", "no-store");
    // Has nginx send on each event as it comes.
    response.setHeader("X-Accel-Buffering", "no");
    // Whose end is then the end of the answer.
    response.setHeader("Connection", "close");
    response
        .getOutputStream()
        .write(
            "retry: 1000\nid: %s\n: watching after revision %d\n\n"
                .formatted(id, id.whole().number())
                .getBytes(StandardCharsets.UTF_8));
    response.flushBuffer();
  }

  private void start(WatchQuery query, Watch watch, EventId id, HttpServletRequest request)
      throws IOException, ServletException {
    WatchConnection connection = request.upgrade(WatchConnection.class);
    long mostBytes = Watch.PORTION_BYTES + limits.maxKeyBytes() + (long) limits.maxValueBytes();
    connection.leave(watches.connections());
    WatchStream stream = new WatchStream(query, watch, id, heap, mostBytes, connection, watches);
    watches.add(stream);
    // Those that are not known yet are not ended when tokens change.
    if (!Authorization.accessOf(request, guard).allows(Access.READ_ONLY)) {
      Watches.endForNewTokens(stream);
    }
    stream.start();
  }
}
