package io.cloudraft.kvs.service.http;

/**
 * When an event loop leaves reads to workers, because the store reads from the disk: a loop that
 * waits for a disk holds up all its connections. For one thread.
 *
 * <p>When more than one in {@link #WEIGHT} answers takes long, the next ones are left alone for
 * {@link #REST} times as long as the last one took: of all its time, a loop spends a tenth waiting
 * for a disk. One that takes long by itself was interrupted.
 */
final class SlowReads {
  /** What takes no longer had all it needed in memory. */
  private static final long SHORT_NANOS = 100_000;

  private static final int WEIGHT = 8;
  private static final long REST = 10;
  private static final long MAX_REST_NANOS = 1_000_000_000;

  private int slowness;
  private long until = System.nanoTime();

  boolean expectedAt(long nanoTime) {
    return nanoTime - until < 0;
  }

  /** Notes an answer that began at a time and took so long. */
  void took(long start, long nanos) {
    if (nanos <= SHORT_NANOS) {
      slowness = Math.max(slowness - 1, 0);
    } else if (slowness <= WEIGHT) {
      slowness += WEIGHT;
    } else {
      until = start + nanos + Math.min(REST * nanos, MAX_REST_NANOS);
    }
  }
}
