package io.cloudraft.kvs.service.http;

import io.cloudraft.kvs.service.codec.ErrorCode;
import io.cloudraft.kvs.service.codec.Limits;
import io.cloudraft.kvs.service.codec.RequestRefused;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who is let in. Watches, connections and requests share half of the heap. Watches may fill ten
 * twelfths of that, and connections one more, so that a client can ask beside however many watches;
 * requests take what is left. Of the requests only some may wait for a client or for the disk at
 * the same time, so there is always room for those that are answered at once.
 */
public final class Admission implements MeterBinder {
  /** What an open connection takes while nothing happens: measured, rounded up. */
  private static final int CONNECTION_BYTES = 5 * 1024;

  /** What a watch takes while nothing happens, with its connection: measured. */
  private static final int WATCH_BYTES = 7680;

  /** What a request takes beside two buffers for the longest headers: measured, rounded up. */
  private static final int REQUEST_BYTES = 56 * 1024;

  /** Of the process, for the files of the engine and all else. */
  private static final int RESERVED_DESCRIPTORS = 1024;

  private static final Logger log = LoggerFactory.getLogger(Admission.class);

  /** What a request may wait for, and how many eighths of all may do so at the same time. */
  enum Wait {
    HEADERS(1, ErrorCode.OVERLOADED, "Too many requests arrive slowly"),
    BODY(2, ErrorCode.TOO_MANY_BODIES, "Too many bodies arrive slowly"),
    COMMIT(3, ErrorCode.BUSY, "Too many requests wait for the disk"),
    ANSWER(1, ErrorCode.BUSY, "Too many large answers are being made");

    private final int eighths;
    private final ErrorCode code;
    private final String what;

    Wait(int eighths, ErrorCode code, String what) {
      this.eighths = eighths;
      this.code = code;
      this.what = what;
    }

    RequestRefused refusal() {
      return new RequestRefused(code, what + " at the same time; try again in a moment.");
    }
  }

  private final long maxHeapBytes;
  private final long bytes;
  private final long requestBytes;
  private final long descriptors;
  private final AtomicInteger connections = new AtomicInteger();
  private final AtomicInteger watches = new AtomicInteger();
  private final AtomicInteger requests = new AtomicInteger();
  private final Map<Wait, AtomicInteger> waiting = new EnumMap<>(Wait.class);
  private final LongAdder refused = new LongAdder();
  private volatile int maxConnections = Integer.MAX_VALUE;

  /**
   * @param maxDescriptors how many files and connections the process may have open
   */
  public Admission(Limits limits, long maxHeapBytes, long maxDescriptors) {
    this.maxHeapBytes = maxHeapBytes;
    this.bytes = maxHeapBytes / 2;
    this.requestBytes = REQUEST_BYTES + 2L * limits.maxHeaderBytes();
    this.descriptors = Math.max(maxDescriptors - RESERVED_DESCRIPTORS, 1);
    for (Wait wait : Wait.values()) {
      waiting.put(wait, new AtomicInteger());
    }
  }

  /** As a person set it; fewer where no more fit. */
  void limitConnections(int setting) {
    long fitting = Math.min(bytesOfIdle() / CONNECTION_BYTES, descriptors);
    maxConnections = (int) Math.min(setting, fitting);
    if (fitting < setting) {
      log.info(
          "At most {} connections at once, not {}: no more fit into a heap of {} MiB and {} file descriptors.",
          fitting,
          setting,
          maxHeapBytes >> 20,
          descriptors + RESERVED_DESCRIPTORS);
    }
  }

  private long bytesOfWatches() {
    return bytes / 12 * 10;
  }

  private long bytesOfIdle() {
    return bytes / 12 * 11;
  }

  /** How many watches fit when there is nothing else. */
  int mostWatches() {
    return (int) Math.min(Integer.MAX_VALUE, bytesOfWatches() / WATCH_BYTES);
  }

  private long idle() {
    return (long) CONNECTION_BYTES * connections.get() + (long) WATCH_BYTES * watches.get();
  }

  /** Makes room for a connection, until it is {@link #closed}. */
  boolean tryOpen() {
    int open = connections.incrementAndGet();
    if (open <= maxConnections
        && (long) open + watches.get() <= descriptors
        && idle() <= bytesOfIdle()) {
      return true;
    }
    connections.decrementAndGet();
    return false;
  }

  void closed() {
    connections.decrementAndGet();
  }

  /** Makes room for a watch, until it is {@link #watchEnded}; its connection gives up its own. */
  boolean tryWatch() {
    watches.incrementAndGet();
    if (idle() <= bytesOfWatches()) {
      return true;
    }
    watches.decrementAndGet();
    return false;
  }

  void watchEnded() {
    watches.decrementAndGet();
  }

  /** How many requests fit now. */
  private int room() {
    return (int) Math.min(Integer.MAX_VALUE, (bytes - idle()) / requestBytes);
  }

  /** Makes room for a request, until it is {@link #ended}. */
  boolean tryBegin() {
    if (requests.incrementAndGet() <= room()) {
      return true;
    }
    requests.decrementAndGet();
    return false;
  }

  /** For what a cluster asks, however little room there is. */
  void begin() {
    requests.incrementAndGet();
  }

  void ended() {
    requests.decrementAndGet();
  }

  /** Whether one more request may wait, until it {@link #stops}. */
  boolean tryWait(Wait wait) {
    AtomicInteger count = count(wait);
    if (count.incrementAndGet() * 8L <= (long) wait.eighths * room()) {
      return true;
    }
    count.decrementAndGet();
    return false;
  }

  /** The same for a request that can still be refused with an answer of its own. */
  void await(Wait wait) {
    if (!tryWait(wait)) {
      throw wait.refusal();
    }
  }

  /** Gives back what {@link #tryWait} and {@link #await} took. */
  void stops(Wait wait) {
    count(wait).decrementAndGet();
  }

  private AtomicInteger count(Wait wait) {
    return Objects.requireNonNull(waiting.get(wait));
  }

  /** Counts a request, or a connection, that was sent away without being read. */
  void countRefused() {
    refused.increment();
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    Gauge.builder("kvs.http.connections", connections, AtomicInteger::get)
        .description("Connections that are open, without those of watches")
        .register(registry);
    Gauge.builder("kvs.http.requests.active", requests, AtomicInteger::get)
        .description("Requests that have begun and are not answered")
        .register(registry);
    FunctionCounter.builder("kvs.http.refused", refused, LongAdder::sum)
        .description("Requests that were refused before they were read, as there was no room")
        .register(registry);
  }
}
