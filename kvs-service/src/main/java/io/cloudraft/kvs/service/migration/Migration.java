package io.cloudraft.kvs.service.migration;

import io.cloudraft.kvs.service.store.Bytes;
import io.cloudraft.kvs.service.store.Change;
import io.cloudraft.kvs.service.store.Entry;
import io.cloudraft.kvs.service.store.Freeze;
import io.cloudraft.kvs.service.store.Key;
import io.cloudraft.kvs.service.store.KeyValueStore;
import io.cloudraft.kvs.service.store.Page;
import io.cloudraft.kvs.service.store.Revision;
import io.cloudraft.kvs.service.store.Search;
import io.cloudraft.kvs.service.store.StoreFailure;
import io.cloudraft.kvs.service.store.Watch;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;

/**
 * Moves a store to another one while it is read and written.
 *
 * <ol>
 *   <li>Copy: page by page in the order of the keys, each page as it is at that moment. Between two
 *       pages come the changes of keys that were copied already; what lies ahead is read when it is
 *       its turn. So no past has to be kept for as long as the copy takes.
 *   <li>Catch up: the changes, until it is less than two seconds behind.
 *   <li>Freeze: no more writes are acknowledged, which lasts across a restart.
 *   <li>The rest of the changes, and then both stores are compared, key by key.
 * </ol>
 *
 * <p>Whatever fails after the freeze lifts it. If the process ends meanwhile, it stays, until the
 * next attempt or until somebody lifts it. The store itself is never changed.
 */
public final class Migration {
  private static final int PAGE_KEYS = 1000;
  private static final long PAGE_BYTES = 1024 * 1024;

  /** Between two pages, until there are few, and so often that the copy goes on however much. */
  private static final int FEW_CHANGES = 100;

  private static final int PORTIONS_OF_CHANGES = 20;

  /** So far behind is as good as up to date: to compare all keys takes longer than what is left. */
  private static final Duration SHORTLY_BEHIND = Duration.ofSeconds(2);

  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration BETWEEN_REPORTS = Duration.ofSeconds(1);
  private static final Duration PATIENCE_TO_CATCH_UP = Duration.ofMinutes(10);
  private static final Duration PATIENCE_WITH_FREEZE = Duration.ofSeconds(30);
  private static final Duration PATIENCE_TO_DRAIN = Duration.ofMinutes(2);

  /** Hears how far it is. */
  @FunctionalInterface
  public interface Progress {
    /**
     * Hears one sentence.
     *
     * @throws MigrationFailure if nobody wants to hear of it any more
     */
    void tell(String sentence);
  }

  /**
   * What was done.
   *
   * @param pause for how long writes had been refused when all was there
   */
  public record Report(long keys, Duration pause) {}

  private final KeyValueStore source;
  private final Target target;
  private final boolean replace;
  private final Progress progress;
  private final Freeze freeze;

  private volatile boolean stopped;
  private long reportedAt = System.nanoTime() - BETWEEN_REPORTS.toNanos();

  /**
   * @param replace whether what is in the target may be deleted
   */
  public Migration(KeyValueStore source, Target target, boolean replace, Progress progress) {
    this.source = source;
    this.target = target;
    this.replace = replace;
    this.progress = progress;
    this.freeze = new Freeze(UUID.randomUUID().toString(), target.url(), false);
  }

  /** Lets {@link #run} fail soon, unless it is done. */
  public void stop() {
    stopped = true;
  }

  /**
   * Returns when all is there, and the source frozen for good.
   *
   * @throws MigrationFailure if it is not, and the source takes writes as before
   */
  public Report run() throws InterruptedException {
    try {
      return migrate();
    } catch (StoreFailure.Compacted e) {
      throw new MigrationFailure(
          "The changes that came meanwhile are forgotten already: %s Keep more of them (spec.history.size and spec.history.seconds of a KvStore, or etcd's --auto-compaction-retention), and begin again."
              .formatted(e.getMessage()));
    }
  }

  private Report migrate() throws InterruptedException {
    thawWhatWasLeft();
    Revision first = prepareTarget();
    try (Watch watch = source.watch(Bytes.EMPTY, Bytes.EMPTY)) {
      copy(watch);
      catchUp(watch);
      exchange(Optional.empty(), Optional.of(freeze));
      long frozenAt = System.nanoTime();
      boolean moved = false;
      try {
        progress.tell("writes are refused from now on");
        drain(watch);
        refuseReachedRevisions(first);
        target.settle();
        long keys =
            new Comparison(source, target, done -> report(() -> "compared %d keys".formatted(done)))
                .run();
        refuseIfStopped();
        exchange(Optional.of(freeze), Optional.of(freeze.done()));
        moved = true;
        return new Report(keys, Duration.ofNanos(System.nanoTime() - frozenAt));
      } finally {
        if (!moved) {
          exchange(Optional.of(freeze), Optional.empty());
        }
      }
    }
  }

  /** What an attempt left that ended with its process. */
  private void thawWhatWasLeft() throws InterruptedException {
    Optional<Freeze> former = source.frozen();
    if (former.isPresent()) {
      if (former.get().moved()) {
        throw new MigrationFailure(
            "This store was moved to %s already. \"kvs migrate undo\" lets it take writes again."
                .formatted(former.get().target()));
      }
      exchange(former, Optional.empty());
    }
  }

  /** Answers with the revision that the target begins with. */
  private Revision prepareTarget() throws InterruptedException {
    Target.State found = target.firstState();
    // In this order: where the target is this very store, its own revision is never above.
    Revision own = source.revision();
    if (found.revision().compareTo(own) <= 0) {
      throw new MigrationFailure(
          "%s is at revision %d, and this store at %d. Revisions have to go on upward, or ETags and events that clients know would mean something else there. Make that store anew with KVS_FIRST_REVISION=%d in its environment (spec.podTemplate.env of a KvStore)."
              .formatted(
                  target.url(),
                  found.revision().number(),
                  own.number(),
                  Math.max(1, own.number() / 1_000_000_000_000L + 1) * 1_000_000_000_000L));
    }
    if (!found.keys().isEmpty() && !replace) {
      throw new MigrationFailure(
          "There are keys in %s. If they are left from an attempt that was interrupted, or are of no use: with --replace they are deleted first."
              .formatted(target.url()));
    }
    long deleted = 0;
    for (Target.State state = found; !state.keys().isEmpty(); state = target.state()) {
      refuseIfStopped();
      target.delete(state.keys());
      deleted += state.keys().size();
      long soFar = deleted;
      report(() -> "deleted %d keys of the target".formatted(soFar));
    }
    return found.revision();
  }

  private void copy(Watch watch) throws InterruptedException {
    long all = source.count();
    long copied = 0;
    Optional<Key> after = Optional.empty();
    do {
      refuseIfStopped();
      Page page =
          source.search(
              new Search(
                  Bytes.EMPTY,
                  Bytes.EMPTY,
                  after,
                  Search.Order.ASCENDING,
                  PAGE_KEYS,
                  true,
                  PAGE_BYTES,
                  Optional.empty(),
                  false));
      Map<Key, Entry> entries = new LinkedHashMap<>();
      page.items().forEach(item -> entries.put(item.key(), item.entry().orElseThrow()));
      target.put(entries);
      copied += entries.size();
      after = page.resumeAfter();
      bringChanges(watch, after);
      long soFar = copied;
      report(() -> "copied %d of %d keys".formatted(soFar, all));
    } while (after.isPresent());
    progress.tell("copied %d keys".formatted(copied));
  }

  /**
   * Brings over the changes that there are by now.
   *
   * @param copied up to which key the copy has come; nothing when it is done
   */
  private void bringChanges(Watch watch, Optional<Key> copied) throws InterruptedException {
    for (int portion = 0; portion < PORTIONS_OF_CHANGES; portion++) {
      List<Change> changes = watch.next(Duration.ZERO);
      apply(
          changes.stream()
              .filter(change -> copied.isEmpty() || change.key().compareTo(copied.get()) <= 0)
              .toList());
      if (changes.size() < FEW_CHANGES) {
        return;
      }
    }
  }

  /** Until what the store was at some moment is there shortly after that. */
  private void catchUp(Watch watch) throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE_TO_CATCH_UP.toNanos();
    Revision mark = source.revision();
    long markedAt = System.nanoTime();
    for (long brought = 0; ; ) {
      refuseIfStopped();
      List<Change> changes = watch.next(POLL);
      apply(changes);
      brought += changes.size();
      boolean reached = watch.seen().compareTo(mark) >= 0;
      boolean soon = System.nanoTime() - markedAt < SHORTLY_BEHIND.toNanos();
      if (changes.isEmpty() || (reached && soon)) {
        progress.tell("caught up with %d changes".formatted(brought));
        return;
      }
      if (reached) {
        mark = source.revision();
        markedAt = System.nanoTime();
      }
      long soFar = brought;
      report(
          () -> "catching up: %d changes, at revision %d".formatted(soFar, watch.seen().number()));
      if (System.nanoTime() > deadline) {
        throw new MigrationFailure(
            "For %d minutes, changes came faster than %s took them. Try again when less is written."
                .formatted(PATIENCE_TO_CATCH_UP.toMinutes(), target.url()));
      }
    }
  }

  /** Brings over what was acknowledged before the freeze. */
  private void drain(Watch watch) throws InterruptedException {
    Revision last = source.revision();
    long deadline = System.nanoTime() + PATIENCE_TO_DRAIN.toNanos();
    while (watch.seen().compareTo(last) < 0) {
      refuseIfStopped();
      apply(watch.next(POLL));
      if (System.nanoTime() > deadline) {
        throw new MigrationFailure(
            "The last changes, up to revision %d, were not told within %d s: only those up to %d."
                .formatted(last.number(), PATIENCE_TO_DRAIN.toSeconds(), watch.seen().number()));
      }
    }
  }

  /** Of several changes of one key only the last one counts: nobody reads the target yet. */
  private void apply(List<Change> changes) throws InterruptedException {
    Map<Key, Optional<Entry>> last = new LinkedHashMap<>();
    changes.forEach(change -> last.put(change.key(), change.entry()));
    Instant now = Instant.now();
    Map<Key, Entry> puts = new LinkedHashMap<>();
    List<Key> deletes = new ArrayList<>();
    last.forEach(
        (key, entry) ->
            entry
                .filter(put -> !put.metadata().isExpired(now))
                .ifPresentOrElse(put -> puts.put(key, put), () -> deletes.add(key)));
    target.put(puts);
    target.delete(deletes);
  }

  private void refuseReachedRevisions(Revision first) {
    if (source.revision().compareTo(first) >= 0) {
      throw new MigrationFailure(
          "So much was written meanwhile that this store is at revision %d, above the %d that %s began with. Make that store anew with a higher KVS_FIRST_REVISION."
              .formatted(source.revision().number(), first.number(), target.url()));
    }
  }

  /** Changes the freeze, whatever comes in between; fails if somebody else has changed it. */
  private void exchange(Optional<Freeze> expected, Optional<Freeze> next)
      throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE_WITH_FREEZE.toNanos();
    while (true) {
      try {
        if (source.freeze(expected, next).join() || source.frozen().equals(next)) {
          return;
        }
        throw new MigrationFailure(
            "Another \"kvs migrate\" has taken over; \"kvs migrate status\" says more.");
      } catch (CompletionException e) {
        if (!(e.getCause() instanceof StoreFailure) || System.nanoTime() > deadline) {
          throw e;
        }
      } catch (StoreFailure e) {
        if (System.nanoTime() > deadline) {
          throw e;
        }
      }
      Thread.sleep(POLL);
    }
  }

  private void refuseIfStopped() {
    if (stopped) {
      throw new MigrationFailure("It was stopped.");
    }
  }

  /** At most once a second. */
  private void report(Supplier<String> sentence) {
    if (System.nanoTime() - reportedAt > BETWEEN_REPORTS.toNanos()) {
      reportedAt = System.nanoTime();
      progress.tell(sentence.get());
    }
  }
}
