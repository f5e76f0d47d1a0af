package io.cloudraft.kvs.service.http;

import io.cloudraft.kvs.service.engine.memory.MemoryStore;
import io.cloudraft.kvs.service.store.Bytes;
import io.cloudraft.kvs.service.store.Entry;
import io.cloudraft.kvs.service.store.Key;
import io.cloudraft.kvs.service.store.Outcome;
import io.cloudraft.kvs.service.store.Transaction;
import io.cloudraft.kvs.service.store.Watch;
import java.time.Duration;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Function;

/**
 * Tells which threads ask it. It takes its time over reads of keys that begin with "slow", and
 * commits as a test wants it.
 */
@SuppressWarnings("UnsynchronizedOverridesSynchronized") // who waits here holds up nobody
final class WatchedStore extends MemoryStore {
  private final Queue<String> readers = new ConcurrentLinkedQueue<>();
  private final Queue<String> writers = new ConcurrentLinkedQueue<>();
  private volatile Function<Transaction, CompletableFuture<Outcome>> committer = super::commit;

  private volatile Runnable beforeWatch = () -> {};

  /** The names of threads; "worker" for a virtual one. */
  Queue<String> readers() {
    return readers;
  }

  Queue<String> writers() {
    return writers;
  }

  private static String asker() {
    return Thread.currentThread().isVirtual() ? "worker" : Thread.currentThread().getName();
  }

  void commitBy(Function<Transaction, CompletableFuture<Outcome>> other) {
    committer = other;
  }

  void beforeWatch(Runnable action) {
    beforeWatch = action;
  }

  void commitAtOnce() {
    committer = super::commit;
  }

  @Override
  public Optional<Entry> get(Key key) {
    readers.add(asker());
    if (key.bytes().startsWith(Bytes.utf8("slow"))) {
      long end = System.nanoTime() + Duration.ofMillis(20).toNanos();
      while (System.nanoTime() < end) {
        Thread.onSpinWait();
      }
    }
    return super.get(key);
  }

  @Override
  public Watch watch(Bytes prefix, Bytes suffix) {
    beforeWatch.run();
    return super.watch(prefix, suffix);
  }

  @Override
  public boolean isLocal() {
    return true;
  }

  @Override
  public CompletableFuture<Outcome> commit(Transaction transaction) {
    writers.add(asker());
    return committer.apply(transaction);
  }
}
