package io.cloudraft.kvs.service.http;

import io.cloudraft.kvs.service.codec.ErrorCode;
import io.cloudraft.kvs.service.codec.RequestRefused;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * What all large answers and streams together may hold of the heap. Each takes what it needs before
 * it reads, and waits its turn while there is too little: so no number of clients can fill the
 * heap.
 */
final class HeapShare {
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final int bytes;
  private final Semaphore free;

  /**
   * @param maxHeapBytes of which this is an eighth
   * @param leastBytes the most that anyone needs at once
   */
  HeapShare(long maxHeapBytes, long leastBytes) {
    this.bytes = (int) Math.min(Integer.MAX_VALUE, Math.max(maxHeapBytes / 8, leastBytes));
    this.free = new Semaphore(bytes, true);
  }

  /** A part of it, until it is closed. For one thread at a time. */
  final class Part implements AutoCloseable {
    private int size;

    private Part(int size) {
      this.size = size;
    }

    /** Gives back what turned out not to be needed. */
    void shrinkTo(long needed) {
      if (needed < size) {
        free.release(size - (int) needed);
        size = (int) needed;
      }
    }

    @Override
    public void close() {
      shrinkTo(0);
    }
  }

  /** A part for a request whose client waits for the answer. */
  Part take(long needed) {
    int size = within(needed);
    if (size == 0) {
      return new Part(0);
    }
    try {
      if (free.tryAcquire(size, PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
        return new Part(size);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    throw new RequestRefused(
        ErrorCode.BUSY,
        "Too many large answers are being made at the same time; try again in a moment, or ask for less at a time.");
  }

  /** A part for someone who has time. */
  Part await(long needed) throws InterruptedException {
    int size = within(needed);
    free.acquire(size);
    return new Part(size);
  }

  private int within(long needed) {
    return (int) Math.min(needed, bytes);
  }

  int free() {
    return free.availablePermits();
  }
}
