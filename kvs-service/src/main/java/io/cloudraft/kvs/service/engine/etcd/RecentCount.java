package io.cloudraft.kvs.service.engine.etcd;

import io.cloudraft.kvs.service.store.StoreFailure;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;

/**
 * How many keys there were lately, for those who ask again and again: etcd walks all of its index
 * to count. It is counted in the background, and seldom enough to take a hundredth of the time.
 */
final class RecentCount {
  private static final Duration LEAST_AGE = Duration.ofSeconds(10);
  private static final int SHARE = 100;

  private final LongSupplier count;
  private final AtomicBoolean counting = new AtomicBoolean();
  private volatile OptionalLong last = OptionalLong.empty();
  private volatile long nextAt = System.nanoTime();

  RecentCount(LongSupplier count) {
    this.count = count;
  }

  /** The last count; nothing as long as there is none. */
  OptionalLong get() {
    if (System.nanoTime() - nextAt >= 0 && counting.compareAndSet(false, true)) {
      Thread.ofVirtual().name("kvs-count").start(this::countAnew);
    }
    return last;
  }

  private void countAnew() {
    long start = System.nanoTime();
    try {
      last = OptionalLong.of(count.getAsLong());
    } catch (StoreFailure e) {
      last = OptionalLong.empty();
    } finally {
      long end = System.nanoTime();
      nextAt = end + Math.max(LEAST_AGE.toNanos(), SHARE * (end - start));
      counting.set(false);
    }
  }
}
