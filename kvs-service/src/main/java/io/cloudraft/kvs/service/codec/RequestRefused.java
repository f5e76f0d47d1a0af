package io.cloudraft.kvs.service.codec;

import java.util.Objects;

/** A request that cannot be served as it is. The message tells its sender what to change. */
public final class RequestRefused extends RuntimeException {

  /** What kind of mistake it is: each becomes one status. */
  public enum Reason {
    MALFORMED,
    KEY_NOT_FOUND,
    KEY_TOO_LONG,
    KEY_TOO_LONG_FOR_PATH,
    VALUE_TOO_LARGE,
    BODY_TOO_LARGE,
    TOO_MUCH_AT_ONCE,
    UNKNOWN_PATH,
    METHOD_NOT_ALLOWED,
  }

  private final Reason reason;

  public RequestRefused(Reason reason, String message) {
    // A stack trace would tell nothing, and cost more than the rest of the answer.
    super(message, null, false, false);
    this.reason = reason;
  }

  static RequestRefused malformed(String message) {
    return new RequestRefused(Reason.MALFORMED, message);
  }

  @Override
  public String getMessage() {
    return Objects.requireNonNull(super.getMessage());
  }

  public Reason reason() {
    return reason;
  }
}
