package io.cloudraft.kvs.service.engine.rocksdb;

import io.cloudraft.kvs.service.store.StoreFailure;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** Writes that wait for the committer: bounded by number and bytes, closed once with a reason. */
final class WriteQueue {
  private static final int BATCH_WRITES = 1024;
  private static final long BATCH_BYTES = 4L * 1024 * 1024;

  private final int maxWrites;
  private final long maxBytes;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Queue<Write<?>> waiting = new ArrayDeque<>();
  private long bytes;
  private @Nullable StoreFailure closed;

  WriteQueue(int maxWrites, long maxBytes) {
    this.maxWrites = maxWrites;
    this.maxBytes = maxBytes;
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
      waiting.add(write);
      bytes += write.size();
      changed.signal();
      return Optional.empty();
    } finally {
      lock.unlock();
    }
  }

  /** Waits for writes and takes as many as make one good commit; none when closed and empty. */
  List<Write<?>> take() {
    lock.lock();
    try {
      while (waiting.isEmpty() && closed == null) {
        changed.awaitUninterruptibly();
      }
      List<Write<?>> batch = new ArrayList<>();
      long size = 0;
      while (!waiting.isEmpty() && batch.size() < BATCH_WRITES && size < BATCH_BYTES) {
        Write<?> write = waiting.remove();
        size += write.size();
        batch.add(write);
      }
      bytes -= size;
      return batch;
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

  int size() {
    lock.lock();
    try {
      return waiting.size();
    } finally {
      lock.unlock();
    }
  }
}
