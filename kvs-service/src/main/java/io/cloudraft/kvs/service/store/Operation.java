package io.cloudraft.kvs.service.store;

import java.time.Instant;
import java.util.Optional;

/** A step of a transaction. It sees what the steps before it did. */
public sealed interface Operation {
  Key key();

  /** Reads what is under the key. */
  record Get(Key key) implements Operation {}

  /**
   * Puts the value under the key, in place of any former one.
   *
   * @param expires from when on the key does not exist any more; never unless given
   */
  record Put(Key key, Value value, Optional<Instant> expires) implements Operation {
    public Put(Key key, Value value) {
      this(key, value, Optional.empty());
    }
  }

  /** Removes the key, if there is such a key. */
  record Delete(Key key) implements Operation {}
}
