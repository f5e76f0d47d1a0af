package io.cloudraft.kvs.service.store;

import java.time.Duration;
import java.util.List;

/**
 * The changes to the keys that someone watches: each one once, in the order of their revisions, and
 * those of one transaction in the order of its operations. For one thread at a time.
 */
public interface Watch extends AutoCloseable {

  /** {@link #next} ends with the change that makes keys and values this large together. */
  int PORTION_BYTES = 1024 * 1024;

  /**
   * Waits until {@link #next} may have something to say at once; false when it had not for so long.
   * Who watches holds nothing in memory meanwhile.
   *
   * @throws StoreFailure.Closed once the store is closing
   */
  boolean await(Duration patience) throws InterruptedException;

  /**
   * The next changes, as soon as there are some; none when there were none for so long.
   *
   * @throws StoreFailure.Compacted if this watch is so slow that the history which it still needs
   *     is gone
   * @throws StoreFailure.Closed once the store is closing
   */
  List<Change> next(Duration patience) throws InterruptedException;

  /** All changes up to this one were answered by {@link #next}, or concern other keys. */
  Revision seen();

  @Override
  void close();
}
