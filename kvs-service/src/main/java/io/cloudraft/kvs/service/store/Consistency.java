package io.cloudraft.kvs.service.store;

/** What a read must have seen. */
public enum Consistency {
  /** All that was acknowledged before the read began. */
  LINEARIZABLE,
  /**
   * What was there at some moment, not long ago as a rule. Cheaper where several machines would
   * have to agree on what is the latest.
   */
  SERIALIZABLE
}
