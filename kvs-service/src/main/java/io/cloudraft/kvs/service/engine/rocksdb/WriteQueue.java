package io.cloudraft.kvs.service.engine.rocksdb;

import io.cloudraft.kvs.service.store.StoreFailure;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Writes that wait for the committer: bounded by number, bytes and time, closed once with a reason.
 */
final class WriteQueue {
  private static final int BATCH_WRITES = 1024;
  private static final long BATCH_BYTES = 4L * 1024 * 1024;

  private final int maxWrites;
  private final long maxBytes;
  private final Duration gathering;
  private final LongSupplier nanoTime;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Queue<Waiting> waiting = new ArrayDeque<>();
  private long bytes;
  private @Nullable StoreFailure closed;

  /** How many were taken the last time, and when. */
  private int taken;

  private long takenAt;

  /** How many have to wait before the committer is woken. */
  private int wanted = 1;

  private record Waiting(Write<?> write, long since) {}

  /**
   * @param gathering how long a commit waits at most for as many writes as the last one had
   */
  WriteQueue(int maxWrites, long maxBytes, Duration gathering, LongSupplier nanoTime) {
    this.maxWrites = maxWrites;
    this.maxBytes = maxBytes;
    this.gathering = gathering;
    this.nanoTime = nanoTime;
  }

  /** Accepts the write, or says why not. An empty queue takes a write of any size. */
  Optional<StoreFailure> offer(Write<?> write) {
    lock.lock();
    try {
      if (closed != null) {
        return Optional.of(closed);
      }
      boolean full = waiting.size() == maxWrites || bytes + write.size() > maxBytes;
      if (full && !waiting.isEmpty()) {
        return Optional.of(
            new StoreFailure.Busy(
                "%d writes with %d bytes are waiting for the disk, and no more are accepted; try again in a moment."
                    .formatted(waiting.size(), bytes)));
      }
      waiting.add(new Waiting(write, nanoTime.getAsLong()));
      bytes += write.size();
      if (waiting.size() >= wanted) {
        changed.signal();
      }
      return Optional.empty();
    } finally {
      lock.unlock();
    }
  }

  /** Waits for writes and takes as many as make one good commit; none when closed and empty. */
  List<Write<?>> take() {
    lock.lock();
    try {
      if (taken > 1) {
        gather();
      }
      while (waiting.isEmpty() && closed == null) {
        changed.awaitUninterruptibly();
      }
      List<Write<?>> batch = new ArrayList<>();
      long size = 0;
      while (!waiting.isEmpty() && batch.size() < BATCH_WRITES && size < BATCH_BYTES) {
        Write<?> write = waiting.remove().write;
        size += write.size();
        batch.add(write);
      }
      bytes -= size;
      taken = batch.size();
      takenAt = nanoTime.getAsLong();
      return batch;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Those who were answered together come again one after the other. A commit for the first of them
   * alone would keep the others waiting for a whole sync; to wait for them costs at most half of
   * one.
   */
  private void gather() {
    long left = Math.min((nanoTime.getAsLong() - takenAt) / 2, gathering.toNanos());
    wanted = taken;
    try {
      while (waiting.size() < wanted && left > 0 && closed == null) {
        left = changed.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    wanted = 1;
  }

  /** Takes the writes that have waited for longer than this, which are then not to be done. */
  List<Write<?>> takeOverdue(Duration patience) {
    lock.lock();
    try {
      List<Write<?>> overdue = new ArrayList<>();
      long latest = nanoTime.getAsLong() - patience.toNanos();
      while (!waiting.isEmpty() && waiting.element().since - latest < 0) {
        Write<?> write = waiting.remove().write;
        bytes -= write.size();
        overdue.add(write);
      }
      return overdue;
    } finally {
      lock.unlock();
    }
  }

  /** From now on every offer is refused for this reason; what waits can still be taken. */
  void close(StoreFailure reason) {
    lock.lock();
    try {
      if (closed == null) {
        closed = reason;
      }
      changed.signal();
    } finally {
      lock.unlock();
    }
  }

  /** Why offers are refused, once they are. */
  Optional<StoreFailure> closed() {
    lock.lock();
    try {
      return Optional.ofNullable(closed);
    } finally {
      lock.unlock();
    }
  }

  boolean isEmpty() {
    return size() == 0;
  }

  int size() {
    lock.lock();
    try {
      return waiting.size();
    } finally {
      lock.unlock();
    }
  }
}
