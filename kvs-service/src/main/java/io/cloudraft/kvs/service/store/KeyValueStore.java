package io.cloudraft.kvs.service.store;

import java.util.Optional;
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
 * and its answer. Every change gets the next {@link Revision}, without gaps; what changes nothing
 * gets none.
 *
 * <p><b>Failing.</b> When a write cannot be made durable, that write and all later ones fail with
 * {@link StoreFailure.NotWritable} until the store is opened again; reads go on. A read that meets
 * damaged data fails with {@link StoreFailure.Damaged} rather than return something else. After
 * {@link #close} everything fails with {@link StoreFailure.Closed}.
 *
 * <p><b>Threads.</b> Every method may be called from any thread at any time. Reads block for as
 * long as a disk read takes. Writes do not block and do not throw: they answer through their
 * future. What callers attach to it runs on a thread of the store and must not block.
 *
 * <p>How large keys and values may be is not the store's business; its callers hold to the limits
 * that were set.
 */
public interface KeyValueStore extends AutoCloseable {

  /** The entry under the key, or nothing. */
  Optional<Entry> get(Key key);

  /**
   * Puts the value under the key, in place of any former one, and answers with the revision of this
   * change.
   *
   * <p>Fails with {@link StoreFailure.Busy} at once when too many writes are waiting.
   */
  CompletableFuture<Revision> put(Key key, Value value);

  /**
   * Removes the key, and answers with the revision of this change, or with nothing when there was
   * no such key.
   *
   * <p>Fails with {@link StoreFailure.Busy} at once when too many writes are waiting.
   */
  CompletableFuture<Optional<Revision>> delete(Key key);

  /**
   * One page of the matching keys, all seen at one moment.
   *
   * <p>The cost follows the size of the page and of the smaller of the two ranges, that of the
   * prefix and that of the suffix, never the size of the store.
   */
  Page search(Search search);

  /** How many keys there are, exactly. */
  long count();

  /** Why writes are refused until the store is opened again, or nothing while they are accepted. */
  Optional<StoreFailure> refusesWrites();

  /** Finishes the writes that were accepted, then lets go of everything. */
  @Override
  void close();
}
