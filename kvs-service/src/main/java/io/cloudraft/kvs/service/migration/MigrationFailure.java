package io.cloudraft.kvs.service.migration;

/** Why a store was not moved. The message is fit for the person who wanted it. */
public final class MigrationFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public MigrationFailure(String message) {
    super(message, null, false, false);
  }
}
