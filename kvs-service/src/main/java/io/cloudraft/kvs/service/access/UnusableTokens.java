package io.cloudraft.kvs.service.access;

import java.util.Objects;

/** Files of tokens that are not what they should be. The message never shows what is in them. */
public final class UnusableTokens extends RuntimeException {
  UnusableTokens(String message) {
    super(message);
  }

  @Override
  public String getMessage() {
    return Objects.requireNonNull(super.getMessage());
  }
}
