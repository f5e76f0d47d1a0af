package io.cloudraft.kvs.service.engine;

import io.cloudraft.kvs.service.store.Change;
import io.cloudraft.kvs.service.store.Key;
import io.cloudraft.kvs.service.store.Revision;
import io.cloudraft.kvs.service.store.StoreFailure;
import java.util.List;
import java.util.function.Predicate;

/** The changes that an engine remembers. */
public interface History {

  /** A change, as far as it takes to know who wants it. */
  record Headline(ChangeId id, Key key) {}

  /**
   * Some of the changes of whole transactions.
   *
   * @param upTo the last transaction that was read
   */
  record Headlines(List<Headline> changes, Revision upTo) {}

  /**
   * What comes next after a revision that is not the last one, in whole transactions.
   *
   * @throws StoreFailure.Compacted if that was dropped
   */
  Headlines headlines(Revision after);

  /**
   * Some changes.
   *
   * @param next the place to go on from
   * @param last whether nothing follows yet
   */
  record Part(List<Change> changes, ChangeId next, boolean last) {}

  /**
   * The matching changes from one place on, as many as make a good portion.
   *
   * @throws StoreFailure.Compacted if changes are missing at that place
   */
  Part read(ChangeId from, Predicate<Key> matches);

  /**
   * One change.
   *
   * @throws StoreFailure.Compacted if it was dropped
   */
  Change read(ChangeId id);
}
