package io.cloudraft.kvs.service.http;

import io.cloudraft.kvs.service.codec.ChangeJson;
import io.cloudraft.kvs.service.codec.EventId;
import io.cloudraft.kvs.service.codec.WatchQuery;
import io.cloudraft.kvs.service.store.Change;
import io.cloudraft.kvs.service.store.Revision;
import io.cloudraft.kvs.service.store.Watch;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells one client of changes, by server-sent events. Its virtual thread waits most of the time; to
 * read changes and to send them, it takes its turn in the heap.
 */
final class WatchStream {
  /** Proxies close what is silent for longer; and a client that resumes has a fresh id. */
  static final Duration HEARTBEAT = Duration.ofSeconds(15);

  private static final Logger log = LoggerFactory.getLogger(WatchStream.class);

  private final WatchQuery query;
  private final Watch watch;
  private final HeapShare heap;
  private final long mostBytes;
  private final Thread thread;

  /** Up to where the client was told everything. */
  private EventId id;

  private long silentSince = System.nanoTime();

  /** How many changes of the first revision the client knows already. */
  private int known;

  /** Guarded by this object, as is what follows. */
  private boolean gone;

  private @Nullable RuntimeException ended;

  /** Whether nothing is being sent, so that an interrupt does no harm. */
  private boolean waiting;

  /**
   * @param id up to where the client knows everything
   * @param mostBytes the most that a portion of changes takes
   * @param watches where a place was made for it, which it gives up at its end
   */
  WatchStream(
      WatchQuery query,
      Watch watch,
      EventId id,
      HeapShare heap,
      long mostBytes,
      WatchConnection connection,
      Watches watches) {
    this.query = query;
    this.watch = watch;
    this.id = id;
    this.known = id.told();
    this.heap = heap;
    this.mostBytes = mostBytes;
    this.thread = Thread.ofVirtual().unstarted(() -> run(connection, watches));
  }

  void start() {
    thread.start();
  }

  /** Ends it as soon as nothing is being sent, and tells the client why. */
  synchronized void end(RuntimeException why) {
    ended = why;
    wake();
  }

  private synchronized void clientHasGone() {
    gone = true;
    wake();
  }

  private synchronized void wake() {
    if (waiting) {
      thread.interrupt();
    }
  }

  private void run(WatchConnection connection, Watches watches) {
    try (watch;
        OutputStream out = connection.events()) {
      var _ = connection.gone().thenRun(this::clientHasGone);
      tell(out);
    } catch (IOException | InterruptedException e) {
      log.debug("Someone who watched is gone, or does not read.", e);
    } finally {
      watches.remove(this);
      watches.leave();
    }
  }

  private void tell(OutputStream out) throws IOException {
    try {
      while (true) {
        tellNext(out);
      }
    } catch (IOException e) {
      throw e;
    } catch (RuntimeException e) {
      Problem problem = Failures.problem(e);
      write(out, "event: end\ndata: ");
      Json.write(out, problem::writeTo);
      write(out, "\n\n");
      out.flush();
    }
  }

  private void tellNext(OutputStream out) throws IOException {
    HeapShare.Part part = awaitTurn();
    if (part == null) {
      heartbeat(out);
      return;
    }
    try (part) {
      List<Change> changes = watch.next(Duration.ZERO);
      part.shrinkTo(size(changes));
      Revision seen = watch.seen();
      for (int i = 0; i < changes.size(); i++) {
        Change change = changes.get(i);
        boolean last =
            i + 1 < changes.size()
                ? changes.get(i + 1).revision().compareTo(change.revision()) > 0
                : seen.compareTo(change.revision()) >= 0;
        tell(change, last, out);
      }
      out.flush();
    } catch (InterruptedException e) {
      throw new IllegalStateException("nothing waits while changes are sent", e);
    }
  }

  /** What it takes to read a portion of changes; nothing when it is time for a heartbeat. */
  private HeapShare.@Nullable Part awaitTurn() throws IOException {
    synchronized (this) {
      refuseIfOver();
      waiting = true;
    }
    try {
      Duration patience = HEARTBEAT.minusNanos(System.nanoTime() - silentSince);
      return watch.await(patience) ? heap.await(mostBytes) : null;
    } catch (InterruptedException e) {
      refuseIfOver();
      throw new IllegalStateException("interrupted by somebody else", e);
    } finally {
      synchronized (this) {
        waiting = false;
        // Came too late to wake anybody, and would break the connection.
        Thread.interrupted();
      }
    }
  }

  private synchronized void refuseIfOver() throws IOException {
    if (gone) {
      throw new IOException("the client has gone");
    }
    if (ended != null) {
      throw ended;
    }
  }

  /**
   * Tells of one change, if it is wanted.
   *
   * @param last whether nothing more of its revision follows
   */
  private void tell(Change change, boolean last, OutputStream out) throws IOException {
    if (!query.matches(change.key())) {
      return;
    }
    boolean same = id.told() > 0 && id.revision().equals(change.revision());
    if (same && known > 0) {
      known--;
      return;
    }
    id =
        last
            ? EventId.upTo(change.revision())
            : new EventId(change.revision(), same ? id.told() + 1 : 1);
    write(
        out,
        "id: "
            + id
            + (change.entry().isPresent() ? "\nevent: put\ndata: " : "\nevent: delete\ndata: "));
    Json.write(out, json -> ChangeJson.write(json, change, query.values()));
    write(out, "\n\n");
    silentSince = System.nanoTime();
  }

  /** Also when changes came, but none that is wanted. */
  private void heartbeat(OutputStream out) throws IOException {
    Revision seen = watch.seen();
    if (seen.compareTo(id.revision()) >= 0) {
      id = EventId.upTo(seen);
    }
    write(out, "id: " + id + "\n: heartbeat\n\n");
    out.flush();
    silentSince = System.nanoTime();
  }

  private static long size(List<Change> changes) {
    long bytes = 0;
    for (Change change : changes) {
      bytes += change.key().bytes().size();
      bytes += change.entry().map(entry -> entry.value().bytes().size()).orElse(0);
    }
    return bytes;
  }

  private static void write(OutputStream out, String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.UTF_8));
  }
}
