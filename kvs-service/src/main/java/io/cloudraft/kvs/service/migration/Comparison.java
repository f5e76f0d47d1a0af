package io.cloudraft.kvs.service.migration;

import io.cloudraft.kvs.service.store.Bytes;
import io.cloudraft.kvs.service.store.Entry;
import io.cloudraft.kvs.service.store.Key;
import io.cloudraft.kvs.service.store.KeyValueStore;
import io.cloudraft.kvs.service.store.Operation;
import io.cloudraft.kvs.service.store.Page;
import io.cloudraft.kvs.service.store.Scan;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.LongConsumer;

/**
 * Holds two stores that nobody writes against each other: walks both in the order of their keys.
 */
final class Comparison {
  /** Keys that expire so soon may be gone from one and not yet from the other. */
  private static final Duration NEARLY_EXPIRED = Duration.ofSeconds(5);

  private final KeyValueStore source;
  private final Target target;
  private final LongConsumer progress;

  Comparison(KeyValueStore source, Target target, LongConsumer progress) {
    this.source = source;
    this.target = target;
    this.progress = progress;
  }

  /**
   * Answers with how many keys there are.
   *
   * @throws MigrationFailure at the first that is not in both alike
   */
  long run() {
    long keys = 0;
    try (Scan here = source.scan(Bytes.EMPTY, Bytes.EMPTY);
        Target.Export there = target.export()) {
      Optional<Page.Item> mine = here.next();
      Optional<Operation.Put> other = there.next();
      while (mine.isPresent() || other.isPresent()) {
        int order = order(mine, other);
        if (order == 0) {
          requireSame(mine.orElseThrow(), other.orElseThrow());
          progress.accept(++keys);
        } else {
          Key key = order < 0 ? mine.orElseThrow().key() : other.orElseThrow().key();
          Optional<Instant> expires =
              order < 0 ? entry(mine.orElseThrow()).metadata().expires() : other.get().expires();
          if (expires.isEmpty() || !isNearlyExpired(expires.get())) {
            throw different(key, order < 0 ? "is missing" : "is there, and not here");
          }
        }
        mine = order <= 0 ? here.next() : mine;
        other = order >= 0 ? there.next() : other;
      }
    }
    return keys;
  }

  private static int order(Optional<Page.Item> mine, Optional<Operation.Put> other) {
    if (mine.isEmpty() || other.isEmpty()) {
      return mine.isPresent() ? -1 : 1;
    }
    return mine.get().key().compareTo(other.get().key());
  }

  private static Entry entry(Page.Item item) {
    return item.entry().orElseThrow();
  }

  private void requireSame(Page.Item mine, Operation.Put other) {
    Entry entry = entry(mine);
    if (!entry.value().equals(other.value())
        || !entry.metadata().expires().equals(other.expires())) {
      throw different(mine.key(), "is not as it is here");
    }
  }

  private static boolean isNearlyExpired(Instant deadline) {
    return deadline.isBefore(Instant.now().plus(NEARLY_EXPIRED));
  }

  private MigrationFailure different(Key key, String how) {
    return new MigrationFailure(
        "Both stores were compared, and the key \"%s\" %s in %s. Does somebody else write there? See to that, and begin again with --replace."
            .formatted(key, how, target.url()));
  }
}
