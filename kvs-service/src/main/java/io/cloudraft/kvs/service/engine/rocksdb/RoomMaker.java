package io.cloudraft.kvs.service.engine.rocksdb;

import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.rocksdb.CompactRangeOptions;
import org.rocksdb.RocksDBException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings back the room of deleted keys while the disk is full. By itself the engine gets to it only
 * when much more has been written, and nothing more can be.
 */
final class RoomMaker implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(RoomMaker.class);
  private static final Duration INTERVAL = Duration.ofSeconds(1);
  private static final Duration SHORTEST_REST = Duration.ofSeconds(5);

  /** Times as long as it took, so that reads and writes have the disk. */
  private static final int REST = 3;

  private final Database database;
  private final DiskSpace space;
  private final Supplier<StoreState> state;
  private final Ticker ticker = new Ticker("kvs-room", INTERVAL, this::look);

  /** Beside the merges that the engine begins by itself. */
  private final CompactRangeOptions merge =
      new CompactRangeOptions().setExclusiveManualCompaction(false);

  /** The state of which all room has been brought back. */
  private @Nullable StoreState done;

  private long restsUntil = System.nanoTime();
  private volatile boolean exhausted;

  /**
   * @param state the last one; while the disk is full it changes by what is deleted only
   */
  RoomMaker(Database database, DiskSpace space, Supplier<StoreState> state) {
    this.database = database;
    this.space = space;
    this.state = state;
  }

  void start() {
    ticker.start();
  }

  /** Whether the disk is still full when all room has been brought back. */
  boolean isExhausted() {
    return exhausted;
  }

  private void look() {
    long start = System.nanoTime();
    StoreState last = state.get();
    if (space.refusal().isEmpty()) {
      exhausted = false;
      return;
    }
    if (last.equals(done) || start < restsUntil) {
      return;
    }
    try {
      database.mergeAll(merge);
      done = last;
      exhausted = space.refusal().isPresent();
    } catch (RocksDBException e) {
      log.debug("The room of deleted keys was not brought back.", e);
    }
    long end = System.nanoTime();
    restsUntil = end + Math.max(REST * (end - start), SHORTEST_REST.toNanos());
  }

  @Override
  public void close() {
    if (merge.isOwningHandle()) {
      merge.setCanceled(true);
      ticker.close();
      merge.close();
    }
  }
}
