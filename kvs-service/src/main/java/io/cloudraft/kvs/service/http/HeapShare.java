package io.cloudraft.kvs.service.http;

import io.cloudraft.kvs.service.codec.ErrorCode;
import io.cloudraft.kvs.service.codec.Limits;
import io.cloudraft.kvs.service.codec.RequestRefused;
import io.cloudraft.kvs.service.store.Page;
import io.cloudraft.kvs.service.store.Search;
import java.io.IOException;
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

  /** About what an item of a page takes beside the bytes of its key and value. */
  private static final int ITEM_BYTES = 128;

  private final int bytes;
  private final Semaphore free;
  private final Admission admission;

  /**
   * @param maxHeapBytes of which this is an eighth
   * @param leastBytes the most that anyone needs at once
   * @param admission which knows how many may wait
   */
  HeapShare(long maxHeapBytes, long leastBytes, Admission admission) {
    this.admission = admission;
    this.bytes = (int) Math.min(Integer.MAX_VALUE, Math.max(maxHeapBytes / 8, leastBytes));
    this.free = new Semaphore(bytes, true);
  }

  /** A part of it, until it is closed. For one thread at a time. */
  final class Part implements AutoCloseable {
    private int size;

    /** Whether it counts as one of those who may wait. */
    private boolean counted;

    private Part(int size, boolean counted) {
      this.size = size;
      this.counted = counted;
    }

    /** Takes more, or says that it would have to wait for it. */
    private boolean tryGrowTo(int needed) {
      if (needed <= size) {
        return true;
      }
      if (!counted) {
        counted = admission.tryWait(Admission.Wait.ANSWER);
      }
      if (counted && free.tryAcquire(needed - size)) {
        size = needed;
        return true;
      }
      return false;
    }

    /**
     * Makes sure of what has been read already.
     *
     * @throws NeedsRoom if that has to wait
     */
    void cover(int read) {
      if (!tryGrowTo(within(read))) {
        throw new NeedsRoom(read);
      }
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
      if (counted) {
        counted = false;
        admission.stops(Admission.Wait.ANSWER);
      }
    }
  }

  /** What was read is larger than there is room for; it must be let go of before waiting. */
  private static final class NeedsRoom extends RuntimeException {
    private final int bytes;

    NeedsRoom(int bytes) {
      super(null, null, false, false);
      this.bytes = bytes;
    }
  }

  /** Reads something and answers with it. */
  @FunctionalInterface
  interface Reading {
    void answer(Part part) throws IOException;
  }

  /**
   * Answers with what turns out only when it is read how large it is. If it is too large for now,
   * it is read again in its turn.
   */
  void answer(Reading reading) throws IOException {
    long needed = 0;
    while (true) {
      try (Part part = take(needed)) {
        reading.answer(part);
        return;
      } catch (NeedsRoom e) {
        needed = e.bytes;
      }
    }
  }

  /**
   * The most that a page takes. All keys are found before it is cut to its budget, and one that
   * tells whether more follow. Values are read one by one: a page ends with the item that reaches
   * its budget.
   */
  static long mostBytes(Search search, Limits limits) {
    long keys = (search.limit() + 1L) * (ITEM_BYTES + limits.maxKeyBytes());
    return search.values() ? keys + search.maxBytes() + limits.maxValueBytes() : keys;
  }

  /** What a page takes. */
  static long bytes(Page page) {
    long bytes = 0;
    for (Page.Item item : page.items()) {
      bytes += ITEM_BYTES + item.key().bytes().size();
      bytes += item.entry().map(entry -> entry.value().bytes().size()).orElse(0);
    }
    return bytes;
  }

  /** A part for a request whose client waits for the answer. */
  Part take(long needed) {
    int size = within(needed);
    if (size == 0) {
      return new Part(0, false);
    }
    admission.await(Admission.Wait.ANSWER);
    boolean taken = false;
    try {
      taken = free.tryAcquire(size, PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
      if (taken) {
        return new Part(size, true);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      if (!taken) {
        admission.stops(Admission.Wait.ANSWER);
      }
    }
    throw new RequestRefused(
        ErrorCode.BUSY,
        "Too many large answers are being made at the same time; try again in a moment, or ask for less at a time.");
  }

  /** A part for someone who has time. */
  Part await(long needed) throws InterruptedException {
    int size = within(needed);
    free.acquire(size);
    return new Part(size, false);
  }

  private int within(long needed) {
    return (int) Math.min(needed, bytes);
  }

  int free() {
    return free.availablePermits();
  }
}
