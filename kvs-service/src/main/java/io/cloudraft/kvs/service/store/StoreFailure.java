package io.cloudraft.kvs.service.store;

import java.util.Objects;

/** Why a store could not do what it was asked. The message is fit for a client to read. */
public abstract sealed class StoreFailure extends RuntimeException {
  private StoreFailure(String message, Throwable cause) {
    super(message, cause);
  }

  private StoreFailure(String message, boolean stackTrace) {
    super(message, null, false, stackTrace);
  }

  @Override
  public String getMessage() {
    return Objects.requireNonNull(super.getMessage());
  }

  /**
   * More writes are waiting than the store accepts. Nothing was done; a later attempt may succeed.
   */
  public static final class Busy extends StoreFailure {
    public Busy(String message) {
      // Refusing must cost next to nothing, because it happens under overload.
      super(message, false);
    }
  }

  /**
   * The store takes no writes until it is started again. A write that was accepted before and is
   * answered with this may or may not have been kept.
   */
  public static final class NotWritable extends StoreFailure {
    public NotWritable(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /**
   * What keeps the data cannot be reached, or does not answer in time. Nothing was done; a later
   * attempt may succeed.
   */
  public static final class Unavailable extends StoreFailure {
    public Unavailable(String message) {
      super(message, false);
    }
  }

  /** What keeps the data is well, and does not let us in: somebody has to give us the right. */
  public static final class Denied extends StoreFailure {
    public Denied(String message) {
      super(message, false);
    }
  }

  /** A write was sent, and no answer came in time: it may have been done, or may still be. */
  public static final class OutcomeUnknown extends StoreFailure {
    public OutcomeUnknown(String message) {
      super(message, false);
    }
  }

  /** A write is larger than an engine takes at once. Nothing was done. */
  public static final class TooLarge extends StoreFailure {
    public TooLarge(String message) {
      super(message, false);
    }
  }

  /**
   * The disk has no room for this write. When it has again, writes are taken again, without
   * anything that has to be done to the store. Nothing was done, unless the message says so.
   */
  public static final class DiskFull extends StoreFailure {
    public DiskFull(String message) {
      super(message, false);
    }
  }

  /** The store is being moved to another one, or was. Nothing was done. */
  public static final class Frozen extends StoreFailure {
    public Frozen(Freeze freeze) {
      super(
          freeze.moved()
              ? "The store was moved to %s, and takes no writes any more. Write there; or, to go on here, \"kvs migrate undo\" in a pod of this store lets it take writes again."
                  .formatted(freeze.target())
              : "The store is being moved to %s, and takes no writes until that is done. Try again in a moment; if it takes longer, \"kvs migrate status\" in a pod of this store says more."
                  .formatted(freeze.target()),
          false);
    }
  }

  /** What the store keeps under a key cannot be read back as it was written. */
  public static final class Damaged extends StoreFailure {
    public Damaged(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /** A transaction would read more than one may. Nothing was done. */
  public static final class ReadsTooMuch extends StoreFailure {
    public ReadsTooMuch(String message) {
      super(message, false);
    }
  }

  /** The history does not reach back any more to the revision that was asked for. */
  public static final class Compacted extends StoreFailure {
    private final transient Revision asked;
    private final transient Revision oldest;

    /**
     * @param asked the first revision that is needed
     * @param oldest the first revision that is still there
     */
    public Compacted(Revision asked, Revision oldest) {
      super(
          "The history begins at revision %d, and does not reach back to %d any more."
              .formatted(oldest.number(), asked.number()),
          false);
      this.asked = asked;
      this.oldest = oldest;
    }

    public Revision asked() {
      return asked;
    }

    public Revision oldest() {
      return oldest;
    }
  }

  /** The store was closed. Nothing was done. */
  public static final class Closed extends StoreFailure {
    public Closed() {
      super("The store is shutting down.", false);
    }
  }
}
