package io.cloudraft.kvs.service.engine;

import io.cloudraft.kvs.service.store.Bytes;
import io.cloudraft.kvs.service.store.Change;
import io.cloudraft.kvs.service.store.Key;
import io.cloudraft.kvs.service.store.Revision;
import io.cloudraft.kvs.service.store.StoreFailure;
import io.cloudraft.kvs.service.store.Watch;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * A watch that keeps no values in memory: it knows the places of the changes that it was told of,
 * some hundred at most, and reads them from the history when it is asked.
 */
public final class ChangeWatch implements Watch {
  private static final int MAX_PENDING = 256;

  private final ChangeFeed feed;
  private final History history;
  private final Bytes prefix;
  private final Bytes suffix;

  /** Guarded by this watch, as the feed adds to it. */
  private final Queue<ChangeId> pending = new ArrayDeque<>(0);

  /** The place behind the last change that was taken or is pending; guarded by this watch. */
  private ChangeId next;

  /** Whether the feed tells of what comes at that place; guarded by this watch. */
  private boolean live;

  public ChangeWatch(ChangeFeed feed, History history, Bytes prefix, Bytes suffix, Revision after) {
    this.feed = feed;
    this.history = history;
    this.prefix = prefix;
    this.suffix = suffix;
    this.next = ChangeId.firstAfter(after);
  }

  Bytes prefix() {
    return prefix;
  }

  Bytes suffix() {
    return suffix;
  }

  boolean matches(Key key) {
    return key.matches(prefix, suffix);
  }

  /** Takes note of a change, or answers that it cannot keep up. */
  synchronized boolean offer(ChangeId id) {
    if (id.compareTo(next) < 0) {
      return true;
    }
    if (pending.size() == MAX_PENDING) {
      live = false;
      return false;
    }
    pending.add(id);
    next = id.next();
    notifyAll();
    return true;
  }

  /** From now on the feed tells of all changes that it has not seen. */
  synchronized void goLive() {
    live = true;
  }

  /** From now on it reads what it has not seen from the history. */
  synchronized void lag() {
    live = false;
    notifyAll();
  }

  synchronized void wake() {
    notifyAll();
  }

  @Override
  public List<Change> next(Duration patience) throws InterruptedException {
    long deadline = System.nanoTime() + patience.toNanos();
    while (true) {
      List<Change> changes = await(deadline) && !isLive() ? catchUp() : told();
      if (!changes.isEmpty() || System.nanoTime() >= deadline) {
        return changes;
      }
    }
  }

  @Override
  public boolean await(Duration patience) throws InterruptedException {
    return await(System.nanoTime() + patience.toNanos());
  }

  /** Waits until there is something pending, or the history to catch up with. */
  private synchronized boolean await(long deadline) throws InterruptedException {
    while (true) {
      if (feed.isClosed()) {
        throw new StoreFailure.Closed();
      }
      if (!pending.isEmpty() || !live) {
        return true;
      }
      long nanos = deadline - System.nanoTime();
      if (nanos <= 0) {
        return false;
      }
      wait(nanos / 1_000_000, (int) (nanos % 1_000_000));
    }
  }

  /** Whether it is told of changes, or still has some that it was told of. */
  private synchronized boolean isLive() {
    return live || !pending.isEmpty();
  }

  private List<Change> told() {
    List<Change> changes = new ArrayList<>();
    long bytes = 0;
    for (ChangeId id = poll(); id != null; id = bytes < PORTION_BYTES ? poll() : null) {
      Change change = history.read(id);
      changes.add(change);
      bytes += change.key().bytes().size();
      bytes += change.entry().map(entry -> entry.value().bytes().size()).orElse(0);
    }
    return changes;
  }

  private synchronized @Nullable ChangeId poll() {
    return pending.poll();
  }

  private List<Change> catchUp() {
    History.Part part = history.read(place(), this::matches);
    advance(part.next());
    if (part.last()) {
      // Refused if more has come meanwhile: then there is more to catch up with.
      feed.register(this, new Revision(part.next().revision() - 1));
    }
    return part.changes();
  }

  private synchronized ChangeId place() {
    return next;
  }

  private synchronized void advance(ChangeId to) {
    next = to;
  }

  @Override
  public Revision seen() {
    Revision told = feed.position();
    synchronized (this) {
      ChangeId first = pending.peek();
      if (first != null) {
        return new Revision(first.revision() - 1);
      }
      Revision known = new Revision(next.revision() - 1);
      return live && told.compareTo(known) > 0 ? told : known;
    }
  }

  @Override
  public void close() {
    feed.unregister(this);
  }
}
