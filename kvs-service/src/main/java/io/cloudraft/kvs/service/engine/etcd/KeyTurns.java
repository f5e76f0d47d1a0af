package io.cloudraft.kvs.service.engine.etcd;

import io.cloudraft.kvs.service.store.Key;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/**
 * Lets those who change the same key do so one after the other, in the order in which they came.
 * They would otherwise only find out in etcd that another one was faster. Those who change other
 * keys do not wait for each other.
 */
final class KeyTurns implements AutoCloseable {
  private final Map<Key, CompletableFuture<?>> last = new HashMap<>();

  /** Not those that end the work before: a long queue would become a deep stack. */
  private final ExecutorService starters = Executors.newVirtualThreadPerTaskExecutor();

  /** Does the work when all that came before it for one of these keys is done. */
  <T> CompletableFuture<T> take(Set<Key> keys, Supplier<CompletableFuture<T>> work) {
    CompletableFuture<T> done = new CompletableFuture<>();
    List<CompletableFuture<?>> former = new ArrayList<>();
    synchronized (last) {
      for (Key key : keys) {
        CompletableFuture<?> before = last.put(key, done);
        if (before != null && !before.isDone()) {
          former.add(before);
        }
      }
    }
    if (former.isEmpty()) {
      begin(keys, work, done);
    } else {
      var _ =
          CompletableFuture.allOf(former.toArray(CompletableFuture[]::new))
              .whenCompleteAsync((_, _) -> begin(keys, work, done), starters);
    }
    return done;
  }

  private <T> void begin(
      Set<Key> keys, Supplier<CompletableFuture<T>> work, CompletableFuture<T> done) {
    var _ =
        work.get()
            .whenComplete(
                (result, failure) -> {
                  synchronized (last) {
                    keys.forEach(key -> last.remove(key, done));
                  }
                  if (failure == null) {
                    done.complete(result);
                  } else {
                    done.completeExceptionally(failure);
                  }
                });
  }

  @Override
  public void close() {
    starters.shutdown();
  }
}
