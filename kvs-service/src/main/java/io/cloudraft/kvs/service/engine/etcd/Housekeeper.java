package io.cloudraft.kvs.service.engine.etcd;

import io.cloudraft.kvs.service.engine.StoreClock;
import io.cloudraft.kvs.service.store.StoreFailure;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes what has expired, each key as a change of its own. All replicas of the service do so;
 * that somebody else was faster costs nothing but the attempt.
 */
final class Housekeeper {
  private static final Logger log = LoggerFactory.getLogger(Housekeeper.class);
  private static final Duration INTERVAL = Duration.ofMillis(500);
  private static final int PORTION = 64;

  private final EtcdClient client;
  private final KeySpace keys;
  private final StoreClock clock;
  private final AtomicBoolean atWork = new AtomicBoolean();

  Housekeeper(EtcdClient client, KeySpace keys, StoreClock clock) {
    this.client = client;
    this.keys = keys;
    this.clock = clock;
  }

  /** Begins at any time, so that replicas do not do the same at the same moment. */
  void start() {
    Duration delay = Duration.ofMillis(ThreadLocalRandom.current().nextLong(INTERVAL.toMillis()));
    client.every(delay, INTERVAL, this::begin);
  }

  private void begin() {
    if (client.unavailability().isEmpty() && atWork.compareAndSet(false, true)) {
      var _ =
          deleteExpired()
              .whenComplete(
                  (_, failure) -> {
                    atWork.set(false);
                    if (failure != null && !(failure.getCause() instanceof StoreFailure)) {
                      log.warn("What has expired is deleted later.", failure);
                    }
                  });
    }
  }

  private CompletableFuture<Void> deleteExpired() {
    return client
        .range(
            RangeRequest.newBuilder()
                .setKey(keys.expiry().of(new byte[0]))
                .setRangeEnd(keys.expiryBehind(clock.now()))
                .setKeysOnly(true)
                .setLimit(PORTION)
                .build())
        .thenCompose(this::delete);
  }

  private CompletableFuture<Void> delete(RangeResponse expired) {
    List<CompletableFuture<?>> deletions = new ArrayList<>();
    for (KeyValue kv : expired.getKvsList()) {
      KeySpace.Expiring expiring = keys.expiring(kv.getKey());
      deletions.add(
          client.write(
              Commit.expire(keys, expiring.key(), expiring.deadline()), client.deadline()));
    }
    CompletableFuture<Void> all =
        CompletableFuture.allOf(deletions.toArray(CompletableFuture[]::new));
    return expired.getMore() ? all.thenCompose(_ -> deleteExpired()) : all;
  }
}
