package io.cloudraft.kvs.service.engine.etcd;

/** What etcd answered to a read that it could not do, although it is well. */
final class EtcdRefusal extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** The kinds that someone can do something about. */
  enum Kind {
    /** The revision was compacted. */
    COMPACTED,
    /** The answer is larger than we take. */
    LARGE
  }

  private final Kind kind;

  EtcdRefusal(Kind kind, String message) {
    super(message, null, false, false);
    this.kind = kind;
  }

  Kind kind() {
    return kind;
  }
}
