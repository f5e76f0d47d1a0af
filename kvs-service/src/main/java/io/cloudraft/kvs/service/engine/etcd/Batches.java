package io.cloudraft.kvs.service.engine.etcd;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.IntSupplier;

/**
 * Lets those share a call who come while others are under way: the more there are, the less each of
 * them costs. Who comes while there is none, or only few, waits for nobody.
 *
 * <p>A call takes what came before it began. One that is not answered soon holds nobody up: after a
 * moment the next one begins all the same.
 */
final class Batches<T> {
  private static final Duration MOMENT = Duration.ofMillis(10);

  private final int callsAtOnce;
  private final IntSupplier largest;
  private final BiConsumer<Duration, Runnable> later;
  private final Consumer<List<T>> call;

  /** Guarded by this object, as is what follows. */
  private final Queue<T> waiting = new ArrayDeque<>();

  private int calls;
  private boolean isWatched;

  /**
   * Makes calls.
   *
   * @param callsAtOnce so many have to be under way for those who come to wait
   * @param largest how many may share a call, asked each time
   * @param later does something later
   * @param call begins a call, of which {@link #ended} has to be told
   */
  Batches(
      int callsAtOnce,
      IntSupplier largest,
      BiConsumer<Duration, Runnable> later,
      Consumer<List<T>> call) {
    this.callsAtOnce = callsAtOnce;
    this.largest = largest;
    this.later = later;
    this.call = call;
  }

  void add(T item) {
    synchronized (this) {
      waiting.add(item);
    }
    callNext();
  }

  /**
   * A call has ended.
   *
   * @param again what it did not do and another one shall
   */
  void ended(List<T> again) {
    synchronized (this) {
      calls--;
      waiting.addAll(again);
    }
    callNext();
  }

  private void callNext() {
    for (List<T> next = next(); !next.isEmpty(); next = next()) {
      call.accept(next);
    }
  }

  private synchronized List<T> next() {
    if (calls < callsAtOnce) {
      return take();
    }
    if (!waiting.isEmpty() && !isWatched) {
      isWatched = true;
      later.accept(MOMENT, this::callAnyway);
    }
    return List.of();
  }

  private void callAnyway() {
    List<List<T>> all = new ArrayList<>();
    synchronized (this) {
      isWatched = false;
      while (!waiting.isEmpty()) {
        all.add(take());
      }
    }
    all.forEach(call);
  }

  private synchronized List<T> take() {
    int most = largest.getAsInt();
    List<T> taken = new ArrayList<>();
    while (taken.size() < most && !waiting.isEmpty()) {
      taken.add(waiting.remove());
    }
    calls += taken.isEmpty() ? 0 : 1;
    return taken;
  }
}
