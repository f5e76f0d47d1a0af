package io.cloudraft.kvs.service.store;

import java.util.Objects;

/** A backup could not be made, read or deleted. The message is fit for a person to act upon. */
public final class BackupFailure extends RuntimeException {
  public BackupFailure(String message) {
    super(message);
  }

  public BackupFailure(String message, Throwable cause) {
    super(message, cause);
  }

  @Override
  public String getMessage() {
    return Objects.requireNonNull(super.getMessage());
  }
}
