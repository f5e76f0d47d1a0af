package io.cloudraft.kvs.service.http;

import io.cloudraft.kvs.service.codec.ErrorCode;
import io.cloudraft.kvs.service.codec.RequestRefused;
import io.cloudraft.kvs.service.store.StoreFailure;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All watches of this process: how many there may be, and their end when it shuts down. */
public final class Watches implements MeterBinder {
  private static final Logger log = LoggerFactory.getLogger(Watches.class);

  /** So long a shutdown waits for those who watch to be told. */
  private static final Duration FAREWELL = Duration.ofSeconds(2);

  private final Admission admission;
  private final int max;
  private final String whyNoMore;
  private final Set<WatchStream> open = ConcurrentHashMap.newKeySet();

  private volatile @Nullable RequestConnections connections;

  /** Guarded by this object. */
  private int count;

  /** Guarded by this object. */
  private boolean ended;

  /**
   * @param setting as many as a person allows
   * @param admission of which they take room that connections do not
   */
  public Watches(int setting, long maxHeapBytes, Admission admission) {
    this.admission = admission;
    int fitting = admission.mostWatches();
    this.max = Math.min(setting, fitting);
    this.whyNoMore =
        setting <= fitting
            ? "There are %d watches, and at most so many are allowed (KVS_MAX_WATCHES)."
                .formatted(setting)
            : "There are %d watches, and no more fit into a heap of %d MiB, though KVS_MAX_WATCHES allows %d: give the container more memory."
                .formatted(fitting, maxHeapBytes >> 20, setting);
    if (fitting < setting) {
      log.info(
          "At most {} watches at once: KVS_MAX_WATCHES allows {}, but no more fit into a heap of {} MiB.",
          fitting,
          setting,
          maxHeapBytes >> 20);
    }
  }

  /** Where those who watch are not counted. */
  void leave(RequestConnections connections) {
    this.connections = connections;
  }

  @Nullable RequestConnections connections() {
    return connections;
  }

  public int max() {
    return max;
  }

  /** Makes room for one more, until it {@link #leave}s. */
  synchronized void enter() {
    if (ended) {
      throw new StoreFailure.Closed();
    }
    if (count >= max) {
      throw new RequestRefused(ErrorCode.TOO_MANY_WATCHES, whyNoMore);
    }
    if (!admission.tryWatch()) {
      throw new RequestRefused(
          ErrorCode.TOO_MANY_WATCHES,
          "There are %d watches, and no more fit into the memory beside all other connections; try again in a moment."
              .formatted(count));
    }
    count++;
  }

  /** Gives up the place that was made by {@link #enter}. */
  synchronized void leave() {
    count--;
    admission.watchEnded();
    notifyAll();
  }

  /** Knows it from now on, so that it is ended with all others. */
  void add(WatchStream stream) {
    open.add(stream);
    if (isEnded()) {
      stream.end(new StoreFailure.Closed());
    }
  }

  void remove(WatchStream stream) {
    open.remove(stream);
  }

  private synchronized boolean isEnded() {
    return ended;
  }

  synchronized int count() {
    return count;
  }

  /** Ends those that are open, as some of them may have lost the right to be. */
  public void endForNewTokens() {
    open.forEach(Watches::endForNewTokens);
  }

  static void endForNewTokens(WatchStream stream) {
    stream.end(
        new RequestRefused(
            ErrorCode.UNAUTHORIZED,
            "The store has other tokens now: watch again, with one that is valid. Nothing is missed."));
  }

  /** Ends all, and lets no more begin: those who watch are told, and come again somewhere else. */
  public void end() {
    synchronized (this) {
      ended = true;
    }
    open.forEach(stream -> stream.end(new StoreFailure.Closed()));
    long deadline = System.nanoTime() + FAREWELL.toNanos();
    synchronized (this) {
      long millis;
      while (count > 0
          && (millis = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime())) > 0) {
        try {
          wait(millis);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          return;
        }
      }
    }
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    Gauge.builder("kvs.watches", this, Watches::count)
        .description("Watches that are open")
        .register(registry);
  }
}
