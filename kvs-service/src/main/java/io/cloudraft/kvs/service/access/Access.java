package io.cloudraft.kvs.service.access;

/** What somebody may do. Each allows what those before it do. */
public enum Access {
  NONE,
  READ_ONLY,
  READ_WRITE;

  public boolean allows(Access needed) {
    return compareTo(needed) >= 0;
  }
}
