package io.cloudraft.kvs.service.engine.rocksdb;

/**
 * How much memory the engine may take, from the one figure that is already sized for the container:
 * the largest heap. The engine's own memory lies beside the heap; docs/service.md has the sum.
 *
 * @param cacheBytes blocks read from disk and what is not flushed yet, together
 * @param writeBufferBytes the part of the cache that unflushed writes may take
 * @param queueBytes writes that wait for the committer, on the heap
 */
record MemoryBudget(long cacheBytes, long writeBufferBytes, long queueBytes) {
  private static final long MIB = 1024L * 1024;

  /** To look at a copy of the data beside the data itself. */
  static final MemoryBudget FOR_A_COPY = new MemoryBudget(4 * MIB, 2 * MIB, 0);

  static MemoryBudget forHeap(long maxHeapBytes) {
    long cache = Math.clamp(maxHeapBytes / 3, 32 * MIB, 1024 * MIB);
    return new MemoryBudget(cache, cache / 2, Math.max(maxHeapBytes / 8, 8 * MIB));
  }
}
