package io.cloudraft.kvs.service.store;

import java.util.Optional;

/** All matching keys in ascending order, as they were at one moment. For one thread at a time. */
public interface Scan extends AutoCloseable {

  /** The last change before that moment. */
  Revision revision();

  /**
   * The next key with its entry; nothing at the end.
   *
   * @throws StoreFailure.Closed once the store is closing
   */
  Optional<Page.Item> next();

  @Override
  void close();
}
