package io.cloudraft.kvs.service.store;

/**
 * A store refuses to start rather than to serve less than it acknowledged. The message says what
 * was found, that it was left as it was, and what to do.
 */
public final class StoreCannotOpen extends RuntimeException {
  public StoreCannotOpen(String message) {
    super(message);
  }

  public StoreCannotOpen(String message, Throwable cause) {
    super(message, cause);
  }
}
