package io.cloudraft.kvs.service.engine;

import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The time that keys expire by, to the millisecond. It never goes back, or a key that was seen to
 * be gone would be there again.
 */
public final class StoreClock {
  private final InstantSource source;
  private final AtomicLong latest = new AtomicLong(Long.MIN_VALUE);

  public StoreClock(InstantSource source) {
    this.source = source;
  }

  public Instant now() {
    return Instant.ofEpochMilli(latest.accumulateAndGet(source.millis(), Math::max));
  }
}
