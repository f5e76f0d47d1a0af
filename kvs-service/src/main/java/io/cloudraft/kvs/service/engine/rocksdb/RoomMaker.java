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

  private void look() {
    long start = System.nanoTime();
    StoreState last = state.get();
    if (last.equals(done) || start < restsUntil || space.refusal().isEmpty()) {
      return;
    }
    try {
      database.mergeAll(merge);
      done = last;
    } catch (RocksDBException e) {
      log.debug("The room of deleted keys was not brought back.", e);
    }
    long end = System.nanoTime();
    // So that reads have the disk for at least half of the time.
    restsUntil = end + Math.max(end - start, SHORTEST_REST.toNanos());
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
