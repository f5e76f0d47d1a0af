package io.cloudraft.kvs.service.engine.etcd;

import io.cloudraft.kvs.service.engine.ChangeId;
import io.cloudraft.kvs.service.engine.History;
import io.cloudraft.kvs.service.store.Bytes;
import io.cloudraft.kvs.service.store.Change;
import io.cloudraft.kvs.service.store.Key;
import io.cloudraft.kvs.service.store.Revision;
import io.cloudraft.kvs.service.store.StoreFailure;
import io.cloudraft.kvs.service.store.Watch;
import io.etcd.jetcd.api.Event;
import io.etcd.jetcd.api.WatchResponse;
import io.grpc.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The changes that etcd remembers. Since somebody first asked for changes, one watch of etcd
 * follows all of them, however many ask; the newest are kept here, up to a bound in bytes. Who
 * needs older ones reads them from etcd.
 *
 * <p>The watch is held to be dead when nothing is heard of it for a while, and begins again, at
 * another member if there is one, with what follows on the last change that was heard of: nothing
 * is missed, nothing comes twice.
 */
final class EtcdHistory implements History, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(EtcdHistory.class);

  private static final Duration SUPERVISION = Duration.ofMillis(500);
  private static final Duration SILENCE = Duration.ofSeconds(3);
  private static final Duration PROGRESS_AGAIN = Duration.ofMillis(50);

  private static final int MAX_CHANGES = 1000;

  private final EtcdClient client;
  private final KeySpace keys;
  private final Identity identity;
  private final Runnable news;
  private final long maxBytes;

  /** Guarded by this object, as is what follows. */
  private final NavigableMap<ChangeId, Recent> recent = new TreeMap<>();

  private long bytes;

  /** All changes from this place on, up to the newest revision, are kept here. */
  private ChangeId first = new ChangeId(1, 0);

  private long newest;
  private @Nullable Following following;
  private boolean begun;
  private boolean closed;

  private record Recent(Change change, long bytes) {}

  /**
   * @param news told whenever there is something new
   * @param maxBytes how much of the newest is kept here
   */
  EtcdHistory(EtcdClient client, KeySpace keys, Identity identity, Runnable news, long maxBytes) {
    this.client = client;
    this.keys = keys;
    this.identity = identity;
    this.news = news;
    this.maxBytes = maxBytes;
  }

  /** Follows what comes after this revision, unless it follows already. */
  synchronized void follow(Revision after) {
    if (!begun && !closed) {
      begun = true;
      first = ChangeId.firstAfter(after);
      newest = after.number();
      client.every(Duration.ZERO, SUPERVISION, this::supervise);
    }
  }

  /** The last revision of which all is known here. */
  synchronized Revision newest() {
    return new Revision(newest);
  }

  private synchronized void supervise() {
    if (closed) {
      return;
    }
    if (following != null && following.isSilent()) {
      following.stopUnlessNothingWasWritten();
    }
    if (following == null || following.isOver) {
      Member former = following == null ? null : following.member;
      client.memberFor(former).ifPresent(member -> following = new Following(member));
    } else {
      following.stream.askForProgress();
    }
  }

  /** The watch that follows all changes, at one member. */
  private final class Following implements WatchStream.Listener {
    private final Member member;
    private final Places places = new Places(keys, identity);
    private final WatchStream stream;
    private volatile long heardAt = System.nanoTime();
    private volatile boolean isOver;

    /** Guarded by the history. */
    private boolean isInDoubt;

    Following(Member member) {
      this.member = member;
      this.stream =
          new WatchStream(
              member,
              client.headersOfStream(),
              keys.entries().startOf(Bytes.EMPTY),
              keys.entries().endOf(Bytes.EMPTY),
              identity.ofEtcd(new Revision(newest + 1)),
              1,
              this);
    }

    boolean isSilent() {
      return System.nanoTime() - heardAt > SILENCE.toNanos();
    }

    /** etcd tells of no progress where nothing was written since the watch began. */
    void stopUnlessNothingWasWritten() {
      if (!isInDoubt) {
        isInDoubt = true;
        var _ = client.revision().whenComplete((revision, _) -> decide(revision));
      }
    }

    /**
     * @param revision the last one of etcd; null if it did not answer
     */
    private void decide(@Nullable Long revision) {
      synchronized (EtcdHistory.this) {
        isInDoubt = false;
        if (revision != null && revision <= identity.ofEtcd(newest())) {
          heardAt = System.nanoTime();
        } else if (isSilent() && !isOver) {
          log.warn("Nothing was heard of changes for {}: another member is asked.", SILENCE);
          stop();
        }
      }
    }

    void stop() {
      isOver = true;
      stream.close();
    }

    @Override
    public void heard(WatchResponse response) {
      heardAt = System.nanoTime();
      synchronized (EtcdHistory.this) {
        if (isOver) {
          return;
        }
        if (response.getCompactRevision() > 0) {
          beginAt(identity.revision(response.getCompactRevision()));
          stop();
        } else if (response.getCanceled()) {
          stop();
        } else if (!response.getCreated()) {
          add(response);
        }
      }
      stream.more();
      news.run();
    }

    private void add(WatchResponse response) {
      long last = newest;
      for (Event event : response.getEventsList()) {
        Places.Placed placed = places.place(event);
        keep(placed);
        last = placed.id().revision();
      }
      if (response.getEventsCount() == 0) {
        last = identity.revision(response.getHeader().getRevision()).number();
      } else if (WatchStream.isFragment(response)) {
        // More of the last revision may follow.
        last--;
      }
      newest = Math.max(newest, last);
      forgetOldest();
    }

    @Override
    public void ended(Status status) {
      if (!isOver) {
        log.info("A watch of etcd ended, and is taken up again: {}", status.getDescription());
        isOver = true;
      }
    }
  }

  private void keep(Places.Placed placed) {
    Recent former = recent.put(placed.id(), new Recent(placed.change(), placed.bytes()));
    bytes += placed.bytes() - (former == null ? 0 : former.bytes);
  }

  private void forgetOldest() {
    while (bytes > maxBytes && recent.size() > 1) {
      Map.Entry<ChangeId, Recent> oldest = recent.pollFirstEntry();
      bytes -= oldest.getValue().bytes;
      first = oldest.getKey().next();
    }
  }

  /** What was not heard of before this revision is lost. */
  private void beginAt(Revision revision) {
    log.warn(
        "etcd was compacted up to revision {} of the store before all changes were heard of: those who watch are told.",
        revision.number());
    recent.clear();
    bytes = 0;
    first = new ChangeId(revision.number(), 0);
    newest = Math.max(newest, revision.number() - 1);
  }

  @Override
  public synchronized Headlines headlines(Revision after) {
    ChangeId from = ChangeId.firstAfter(after);
    refuseIfForgotten(from);
    List<Headline> changes = new ArrayList<>();
    recent
        .subMap(from, true, new ChangeId(newest + 1, 0), false)
        .forEach((id, kept) -> changes.add(new Headline(id, kept.change.key())));
    return new Headlines(changes, new Revision(Math.max(newest, after.number())));
  }

  private void refuseIfForgotten(ChangeId from) {
    if (from.compareTo(first) < 0) {
      throw new StoreFailure.Compacted(
          new Revision(from.revision()), new Revision(first.revision()));
    }
  }

  @Override
  public Part read(ChangeId from, Predicate<Key> matches) {
    synchronized (this) {
      if (from.compareTo(first) >= 0) {
        return readRecent(from, matches);
      }
    }
    return readPast(from, matches);
  }

  private Part readRecent(ChangeId from, Predicate<Key> matches) {
    List<Change> changes = new ArrayList<>();
    long size = 0;
    ChangeId end = new ChangeId(newest + 1, 0);
    if (from.compareTo(end) < 0) {
      for (Map.Entry<ChangeId, Recent> entry : recent.subMap(from, true, end, false).entrySet()) {
        if (matches.test(entry.getValue().change.key())) {
          changes.add(entry.getValue().change);
          size += entry.getValue().bytes;
          if (changes.size() >= MAX_CHANGES || size >= Watch.PORTION_BYTES) {
            return new Part(changes, entry.getKey().next(), false);
          }
        }
      }
    }
    return new Part(changes, from.compareTo(end) > 0 ? from : end, true);
  }

  @Override
  public Change read(ChangeId id) {
    synchronized (this) {
      Recent kept = recent.get(id);
      if (kept != null) {
        return kept.change;
      }
    }
    try (Past past = new Past(id)) {
      for (Places.Placed placed = past.next(); placed != null; placed = past.next()) {
        if (placed.id().equals(id)) {
          return placed.change();
        }
      }
      throw new StoreFailure.Compacted(
          new Revision(id.revision()), new Revision(id.revision() + 1));
    }
  }

  private Part readPast(ChangeId from, Predicate<Key> matches) {
    ChangeId goal;
    synchronized (this) {
      goal = first;
    }
    List<Change> changes = new ArrayList<>();
    long size = 0;
    ChangeId next = from;
    try (Past past = new Past(from)) {
      // Where few of very many match, what was read would otherwise be lost with the time.
      while (changes.size() < MAX_CHANGES
          && size < Watch.PORTION_BYTES
          && (next.equals(from) || past.hasTime())) {
        Places.Placed placed = past.next(goal);
        if (placed == null || placed.id().compareTo(goal) >= 0) {
          return new Part(changes, goal, false);
        }
        next = placed.id().next();
        if (matches.test(placed.change().key())) {
          changes.add(placed.change());
          size += placed.bytes();
        }
      }
    }
    return new Part(changes, next, false);
  }

  /** Changes that are not kept here any more, read from etcd one after the other. */
  private final class Past implements WatchStream.Listener, AutoCloseable {
    private final ChangeId from;
    private final Places places = new Places(keys, identity);
    private final BlockingQueue<Object> heard = new LinkedBlockingQueue<>();
    private final List<Event> events = new ArrayList<>();
    private final WatchStream stream;
    private final long deadline = client.deadline();
    private int taken;

    /** Up to where etcd has told everything. */
    private long told;

    Past(ChangeId from) {
      this.from = from;
      Optional<Member> member = client.memberFor(null);
      this.stream =
          new WatchStream(
              member.orElseThrow(),
              client.headersOfStream(),
              keys.entries().startOf(Bytes.EMPTY),
              keys.entries().endOf(Bytes.EMPTY),
              identity.ofEtcd(new Revision(from.revision())),
              2,
              this);
    }

    @Override
    public void heard(WatchResponse response) {
      heard.add(response);
    }

    @Override
    public void ended(Status status) {
      heard.add(status);
    }

    Places.@Nullable Placed next() {
      return next(new ChangeId(from.revision() + 1, 0));
    }

    /** The next change; null when there is none before the goal. */
    Places.@Nullable Placed next(ChangeId goal) {
      while (true) {
        while (taken < events.size()) {
          Places.Placed placed = places.place(events.get(taken++));
          if (placed.id().compareTo(from) >= 0) {
            return placed;
          }
        }
        // Nothing may ever follow on the last revision before the goal.
        if (told >= (goal.index() == 0 ? goal.revision() - 1 : goal.revision())) {
          return null;
        }
        hearMore();
      }
    }

    private void hearMore() {
      Object message = await();
      if (message instanceof WatchResponse response) {
        if (response.getCompactRevision() > 0) {
          throw new StoreFailure.Compacted(
              new Revision(from.revision()), identity.revision(response.getCompactRevision()));
        }
        if (response.getCanceled()) {
          throw new StoreFailure.Unavailable(
              "etcd ended a watch of the past: %s".formatted(response.getCancelReason()));
        }
        events.clear();
        taken = 0;
        events.addAll(response.getEventsList());
        if (response.getEventsCount() == 0 && !response.getCreated()) {
          told = identity.revision(response.getHeader().getRevision()).number();
        }
        stream.more();
      } else {
        throw new StoreFailure.Unavailable("A watch of the past broke off: %s".formatted(message));
      }
    }

    /** For what has come already, or for more: etcd has the other half of it to send that. */
    boolean hasTime() {
      return taken < events.size() || deadline - System.nanoTime() > client.timeout().toNanos() / 2;
    }

    private Object await() {
      try {
        while (System.nanoTime() - deadline < 0) {
          stream.askForProgress();
          Object message = heard.poll(PROGRESS_AGAIN.toMillis(), TimeUnit.MILLISECONDS);
          if (message != null) {
            return message;
          }
        }
        throw new StoreFailure.Unavailable(
            "etcd did not tell of past changes within %d ms (KVS_ETCD_TIMEOUT)."
                .formatted(client.timeout().toMillis()));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new StoreFailure.Closed();
      }
    }

    @Override
    public void close() {
      stream.close();
    }
  }

  /** The first revision that etcd still has, when it has refused an older one. */
  Revision oldest() {
    Revision begin = identity.first().next();
    try (Past past = new Past(new ChangeId(begin.number(), 0))) {
      past.next();
      return begin;
    } catch (StoreFailure.Compacted compacted) {
      return compacted.oldest();
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    if (following != null) {
      following.stop();
    }
  }
}
