package io.cloudraft.kvs.service.engine.rocksdb;

import io.cloudraft.kvs.service.engine.ChangeId;
import io.cloudraft.kvs.service.engine.StoreClock;
import io.cloudraft.kvs.service.engine.Threads;
import io.cloudraft.kvs.service.store.Key;
import io.cloudraft.kvs.service.store.Revision;
import io.cloudraft.kvs.service.store.StoreFailure;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.function.BooleanSupplier;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes what has expired, and drops the oldest part of the history when it is too old or too
 * large, or when there is no room for it. It only finds out what there is to do: the committer does
 * it, among all other writes.
 */
final class Housekeeper implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Housekeeper.class);
  private static final Duration INTERVAL = Duration.ofMillis(500);

  /** So few keys or changes at a time that other writes do not wait for long. */
  private static final int PORTION = 1000;

  private final RocksDbStore store;
  private final Committer committer;
  private final StoreClock clock;
  private final HistoryRetention retention;
  private final BooleanSupplier noMoreRoom;
  private final Thread thread = Thread.ofPlatform().name("kvs-housekeeper").unstarted(this::run);
  private volatile boolean closed;

  Housekeeper(
      RocksDbStore store,
      Committer committer,
      StoreClock clock,
      HistoryRetention retention,
      BooleanSupplier noMoreRoom) {
    this.store = store;
    this.committer = committer;
    this.clock = clock;
    this.retention = retention;
    this.noMoreRoom = noMoreRoom;
  }

  void start() {
    thread.start();
  }

  private void run() {
    while (!closed) {
      try {
        Thread.sleep(INTERVAL);
      } catch (InterruptedException e) {
        continue;
      }
      try {
        boolean more = true;
        while (more && !closed) {
          boolean moreExpired = deletesExpired();
          more = dropsHistory() || moreExpired;
        }
      } catch (StoreFailure | CompletionException e) {
        // Closed, not writable or busy: whoever writes hears of it too.
        log.debug("Housekeeping is put off.", e);
      }
    }
  }

  /** Deletes some keys that have expired; false when there are no more. */
  private boolean deletesExpired() {
    Instant now = clock.now();
    List<Key> expired =
        store.reading(
            database -> {
              List<Key> keys = new ArrayList<>();
              try (RocksIterator index = database.walkExpiring()) {
                for (index.seekToFirst(); index.isValid() && keys.size() < PORTION; index.next()) {
                  if (ExpiryIndex.deadline(index.key()).isAfter(now)) {
                    break;
                  }
                  keys.add(ExpiryIndex.key(index.key()));
                }
                index.status();
              }
              return keys;
            });
    if (!expired.isEmpty()) {
      committer.submit(new Write.Expire(expired)).join();
    }
    return expired.size() == PORTION;
  }

  /** The oldest part of the history, up to a revision. */
  private record Part(Revision upTo, long bytes, boolean moreToDrop) {}

  /** Drops some of the history; false when the rest may stay. */
  private boolean dropsHistory() {
    StoreState state = committer.state();
    Instant oldest = clock.now().minus(retention.maxAge());
    Optional<Part> part = store.reading(database -> partToDrop(database, state, oldest));
    part.ifPresent(
        found -> committer.submit(new Write.CompactHistory(found.upTo, found.bytes)).join());
    return part.isPresent() && part.get().moreToDrop;
  }

  private long mostHistory() {
    return noMoreRoom.getAsBoolean()
        ? Math.min(retention.maxBytes(), store.space().historyWhenFull())
        : retention.maxBytes();
  }

  private Optional<Part> partToDrop(Database database, StoreState state, Instant oldest)
      throws RocksDBException {
    long excess = state.historyBytes() - mostHistory();
    long upTo = state.compacted().number();
    long bytes = 0;
    int changes = 0;
    try (RocksIterator log = database.walkChanges()) {
      for (log.seek(ChangeId.firstAfter(state.compacted()).encode()); log.isValid(); log.next()) {
        ChangeId id = ChangeId.decode(log.key());
        byte[] change = log.value();
        // Only between two transactions: each goes whole.
        if (id.revision() != upTo
            && (changes >= PORTION
                || (bytes >= excess && StoredChange.read(change).time().isAfter(oldest)))) {
          break;
        }
        upTo = id.revision();
        bytes += log.key().length + change.length;
        changes++;
      }
      log.status();
    }
    return changes == 0
        ? Optional.empty()
        : Optional.of(new Part(new Revision(upTo), bytes, changes >= PORTION));
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    Threads.join(thread);
  }
}
