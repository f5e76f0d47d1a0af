package io.cloudraft.kvs.service.http;

import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * How a client keeps up with what it sends, or with what it is sent. While we wait for it, it falls
 * behind; with each byte it catches up. Who is too far behind is cut off, so that a byte now and
 * then does not hold a request for ever.
 */
final class Pace {
  static final int BYTES_PER_SECOND = 16 * 1024;
  static final Duration PATIENCE = Duration.ofSeconds(10);

  private static final long NANOS_PER_BYTE = Duration.ofSeconds(1).toNanos() / BYTES_PER_SECOND;

  private long behind;
  private boolean waiting;
  private long waitingSince;

  /** Begins anew, as with a new request. */
  void reset() {
    behind = 0;
    waiting = false;
  }

  /**
   * Notes what an attempt brought.
   *
   * @param bytes how many; none means that the client has to do something first
   * @param now in nanoseconds, asked only when it matters
   */
  void moved(long bytes, LongSupplier now) throws SocketTimeoutException {
    if (bytes == 0 && !waiting) {
      waiting = true;
      waitingSince = now.getAsLong();
    } else if (bytes > 0 && (waiting || behind > 0)) {
      if (waiting) {
        behind += now.getAsLong() - waitingSince;
        waiting = false;
      }
      behind = Math.max(0, behind - bytes * NANOS_PER_BYTE);
      if (behind > PATIENCE.toNanos()) {
        throw new SocketTimeoutException("the client is slower than it may be");
      }
    }
  }
}
