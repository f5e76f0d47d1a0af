package io.cloudraft.kvs.service.engine.rocksdb;

import java.nio.file.Path;

/**
 * How the room of a disk is shared out. A merge takes as much as the tables that go into it before
 * it gives that back, so on a small disk tables, and with them merges, are small.
 *
 * @param largestTable the 128th part of the disk; from 8 GiB on as large as RocksDB makes them
 */
record DiskBudget(long largestTable) {
  private static final long MIB = 1024 * 1024;
  private static final int TABLES = 128;

  static DiskBudget of(Path directory) {
    return new DiskBudget(Math.clamp(directory.toFile().getTotalSpace() / TABLES, MIB, 64 * MIB));
  }

  /** What is written to one column family before it becomes a table. */
  long writeBuffer() {
    return Math.min(largestTable, 16 * MIB);
  }

  /** The same of all column families; twice as much may be in the log. */
  long writeBuffers(MemoryBudget memory) {
    return Math.min(memory.writeBufferBytes(), 4 * largestTable);
  }

  /** The first level that is merged as a whole. */
  long firstLevel() {
    return 4 * largestTable;
  }

  long largestMerge() {
    return 12 * largestTable;
  }

  /** What puts leave free: room for the largest merge, and for what is written meanwhile. */
  long floor() {
    return 16 * largestTable;
  }
}
