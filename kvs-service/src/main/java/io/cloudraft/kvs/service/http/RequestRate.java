package io.cloudraft.kvs.service.http;

import io.cloudraft.kvs.service.codec.ErrorCode;
import io.cloudraft.kvs.service.codec.RequestRefused;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * How many requests a second are served, if a person limits that: those of a second may come at
 * once. It is the generic cell rate algorithm (ITU-T I.371, annex A): all that is kept is when the
 * next request would be due if they came evenly.
 */
public final class RequestRate {
  private static final long BURST = TimeUnit.SECONDS.toNanos(1);

  private final OptionalInt limit;
  private final long interval;
  private final LongSupplier nanoTime;
  private final AtomicLong due;

  /**
   * @param limit requests a second; empty for as many as come
   */
  public RequestRate(OptionalInt limit) {
    this(limit, System::nanoTime);
  }

  RequestRate(OptionalInt limit, LongSupplier nanoTime) {
    this.limit = limit;
    this.interval = BURST / limit.orElse(1);
    this.nanoTime = nanoTime;
    this.due = new AtomicLong(nanoTime.getAsLong());
  }

  /** Counts a request, unless there are too many. */
  boolean tryCount() {
    if (limit.isEmpty()) {
      return true;
    }
    long now = nanoTime.getAsLong();
    while (true) {
      long before = due.get();
      long after = now + Math.max(before - now, 0) + interval;
      if (after - now > BURST) {
        return false;
      }
      if (due.compareAndSet(before, after)) {
        return true;
      }
    }
  }

  /** Takes back that a request was counted, for one that is counted elsewhere. */
  void uncount() {
    if (limit.isPresent()) {
      due.addAndGet(-interval);
    }
  }

  RequestRefused refusal() {
    return new RequestRefused(
        ErrorCode.TOO_MANY_REQUESTS,
        "More than %d requests a second come, and no more are served (KVS_MAX_REQUESTS_PER_SECOND); try again in a moment."
            .formatted(limit.orElseThrow()));
  }
}
