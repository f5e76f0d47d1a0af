package io.cloudraft.kvs.service.store;

import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;

/**
 * An ordered map of keys to values that keeps what it acknowledged.
 *
 * <p><b>Durability.</b> A write is acknowledged by its future completing normally, and from then on
 * it survives a crash of the process and a power cut. A read returns only what is durable. After a
 * start everything acknowledged is there; a write that was never acknowledged is there whole or not
 * at all. A store that cannot hold to this does not open ({@link StoreCannotOpen}).
 *
 * <p><b>Order.</b> Operations are linearizable: each takes effect at one moment between its call
 * and its answer. Every transaction that changes something gets the next {@link Revision}, without
 * gaps; what changes nothing gets none. Some engines give those the same one that come at the same
 * time and have no key in common.
 *
 * <p><b>Expiry.</b> From its deadline on a key does not exist, for whatever asks; some moments
 * later it is deleted, as a change of its own. The deadline is held against the clock of this
 * machine.
 *
 * <p><b>Failing.</b> When a write cannot be made durable, that write and all later ones fail with
 * {@link StoreFailure.NotWritable} until the store is opened again; reads go on. While the disk is
 * full, writes fail with {@link StoreFailure.DiskFull}; while it is frozen, with {@link
 * StoreFailure.Frozen}. A read that meets damaged data fails with {@link StoreFailure.Damaged}
 * rather than return something else. After {@link #close} everything fails with {@link
 * StoreFailure.Closed}.
 *
 * <p><b>Threads.</b> Every method may be called from any thread at any time. Reads block for as
 * long as a disk read takes. What answers through a future does not block and does not throw. What
 * callers attach to it runs on a thread of the store and must not block.
 *
 * <p>How large keys and values may be is not the store's business; its callers hold to the limits
 * that were set.
 */
public interface KeyValueStore extends AutoCloseable {

  /** The entry under the key, or nothing. */
  Optional<Entry> get(Key key);

  /** The same with less to see, if the store has something cheaper for that. */
  default Optional<Entry> get(Key key, Consistency consistency) {
    return get(key);
  }

  /** The same without waiting, unless the store is local. */
  default CompletableFuture<Optional<Entry>> getAsync(Key key, Consistency consistency) {
    try {
      return CompletableFuture.completedFuture(get(key, consistency));
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  /**
   * Does the transaction, and answers with what it did once that is durable.
   *
   * <p>Fails with {@link StoreFailure.Busy} at once when too many writes are waiting, and with
   * {@link StoreFailure.ReadsTooMuch} when the values that it reads are larger than an engine's
   * bound together.
   */
  CompletableFuture<Outcome> commit(Transaction transaction);

  /** Puts the value under the key, and answers with the revision of this change. */
  default CompletableFuture<Revision> put(Key key, Value value) {
    return commit(Transaction.of(new Operation.Put(key, value))).thenApply(Outcome::revision);
  }

  /** Removes the key, and answers whether there was such a key. */
  default CompletableFuture<Boolean> delete(Key key) {
    return commit(Transaction.of(new Operation.Delete(key)))
        .thenApply(outcome -> outcome.results().contains(new Outcome.Result.Deleted(true)));
  }

  /**
   * One page of the matching keys, all seen at one moment.
   *
   * <p>The cost follows the size of the page and of the smaller of the two ranges, that of the
   * prefix and that of the suffix, never the size of the store; a page that would cost more than a
   * bound ends early.
   */
  Page search(Search search);

  /** The same with less to see, if the store has something cheaper for that. */
  default Page search(Search search, Consistency consistency) {
    return search(search);
  }

  /** How many keys match, counted at one moment; up to a bound on the cost, as for a page. */
  Count count(Bytes prefix, Bytes suffix);

  /**
   * All matching keys with their entries at one moment; to be closed soon, as it keeps the past.
   */
  Scan scan(Bytes prefix, Bytes suffix);

  /**
   * The changes from now on to the keys that match.
   *
   * <p>However slow the one who asks for them is, no write waits for it.
   */
  Watch watch(Bytes prefix, Bytes suffix);

  /**
   * The changes that followed on a revision, and then those from now on, to the keys that match.
   *
   * @throws StoreFailure.Compacted if the history does not reach back that far
   */
  Watch watch(Bytes prefix, Bytes suffix, Revision after);

  /** The last change. */
  Revision revision();

  /** How many keys there are, exactly. */
  long count();

  /** How many keys there were lately, at next to no cost; nothing while that is not known. */
  default OptionalLong recentCount() {
    return OptionalLong.of(count());
  }

  /** Whether {@link #get} asks no other machine, so that it takes microseconds as a rule. */
  default boolean isLocal() {
    return false;
  }

  /** So many keys can be put in one transaction, whatever is under them. */
  default int putsAtOnce() {
    return Integer.MAX_VALUE;
  }

  /** How large all data may become, if the store has such a bound of its own and knows it. */
  default OptionalLong maxTotalBytes() {
    return OptionalLong.empty();
  }

  /**
   * 32 bytes that nobody else knows, the same as long as the data lives: for signing what a client
   * keeps for us.
   */
  Bytes secret();

  /**
   * Why writes are refused, or nothing while they are accepted: {@link StoreFailure.NotWritable}
   * until the store is opened again, {@link StoreFailure.DiskFull} until there is room, {@link
   * StoreFailure.Frozen} until that is lifted.
   */
  Optional<StoreFailure> refusesWrites();

  /**
   * Freezes the store, or lifts that, if it is as expected; answers whether it was.
   *
   * <p>Once it is frozen, no write is acknowledged, whoever else has the store open, until that is
   * lifted: not even after a restart. Reads go on, and what has expired is deleted.
   */
  CompletableFuture<Boolean> freeze(Optional<Freeze> expected, Optional<Freeze> next);

  /** Why the store is frozen, if it is. */
  Optional<Freeze> frozen();

  /** Finishes the writes that were accepted, then lets go of everything. */
  @Override
  void close();
}
