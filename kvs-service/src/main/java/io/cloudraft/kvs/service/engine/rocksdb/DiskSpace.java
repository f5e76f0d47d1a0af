package io.cloudraft.kvs.service.engine.rocksdb;

import io.cloudraft.kvs.service.store.StoreFailure;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * How much room the disk has for writes.
 *
 * <p>Writes are refused while there still is some: what was acknowledged has yet to be moved from
 * the log into tables, and tables to be merged, and both need room before they give any back: as
 * much as the largest merge takes, which is larger on a larger disk. What only deletes may use half
 * of that, because it is how room is made.
 *
 * @param free how many bytes are free; the place where a test fills the disk
 * @param floor how many bytes writes leave free
 */
record DiskSpace(Path directory, LongSupplier free, long floor) {
  static DiskSpace of(Path directory) {
    return new DiskSpace(
        directory, directory.toFile()::getUsableSpace, DiskBudget.of(directory).floor());
  }

  /** The most that there is room for. */
  Write.Kind allows() {
    long found = free.getAsLong();
    if (found >= floor) {
      return Write.Kind.PUT;
    }
    return found >= floor / 2 ? Write.Kind.DELETE : Write.Kind.READ;
  }

  /** Why puts are refused, if they are. */
  Optional<StoreFailure> refusal() {
    long found = free.getAsLong();
    return found >= floor ? Optional.empty() : Optional.of(full(found));
  }

  /** As large as the history may be when there is no more room: what is deleted is in it, too. */
  long historyWhenFull() {
    return floor / 4;
  }

  private StoreFailure full(long found) {
    return new StoreFailure.DiskFull(
        "The disk of %s is full: %d bytes are free, and a put leaves %d, a deletion %d. Nothing was done. Make the volume larger or delete keys; the store goes on by itself."
            .formatted(directory, found, floor, floor / 2));
  }
}
