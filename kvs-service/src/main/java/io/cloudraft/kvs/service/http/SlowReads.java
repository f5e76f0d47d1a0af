package io.cloudraft.kvs.service.http;

import java.util.function.LongSupplier;

/**
 * When an event loop leaves reads to workers, because the store reads from the disk: a loop that
 * waits for a disk holds up all its connections. For one thread.
 *
 * <p>When more than one in {@link #WEIGHT} answers takes long, the next ones are left alone for
 * {@link #REST} times as long as the last one waited: of all its time, a loop spends a tenth
 * waiting for a disk. One that takes long by itself may have waited for a lock; and where it was a
 * processor that the loop waited for, a worker would have to wait for it as well.
 */
final class SlowReads {
  /** What takes no longer had all it needed in memory. */
  private static final long SHORT_NANOS = 100_000;

  private static final int WEIGHT = 8;
  private static final long REST = 10;
  private static final long MAX_REST_NANOS = 1_000_000_000;

  private final LongSupplier waitForProcessor;

  /** The same, as it was at the end of the last read that took long. */
  private long waitedBefore;

  private int slowness;
  private long until = System.nanoTime();

  /**
   * @param waitForProcessor how many nanoseconds the thread has waited for one so far; asked by it
   */
  SlowReads(LongSupplier waitForProcessor) {
    this.waitForProcessor = waitForProcessor;
  }

  boolean expectedAt(long nanoTime) {
    return nanoTime - until < 0;
  }

  /** Notes an answer that began at a time and took so long. */
  void took(long start, long nanos) {
    if (nanos <= SHORT_NANOS) {
      slowness = Math.max(slowness - 1, 0);
    } else {
      tookLong(start, nanos);
    }
  }

  /** What the thread has waited for a processor since the last such read may be of this one. */
  private void tookLong(long start, long nanos) {
    long waited = waitForProcessor.getAsLong();
    long own = nanos - (waited - waitedBefore);
    waitedBefore = waited;
    if (own <= SHORT_NANOS) {
      return;
    }
    if (slowness <= WEIGHT) {
      slowness += WEIGHT;
    } else {
      until = start + nanos + Math.min(REST * own, MAX_REST_NANOS);
    }
  }
}
