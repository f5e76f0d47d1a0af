package io.cloudraft.kvs.operator.resource;

/** A child that is not as it should be. The message is a sentence for the status. */
public abstract sealed class ChildFailure extends RuntimeException {
  private static final long serialVersionUID = 1;

  private ChildFailure(String message, Throwable cause) {
    super(message, cause);
  }

  private static String asSentence(String said) {
    return said.endsWith(".") ? said : said + ".";
  }

  /**
   * Something else has the name of the child. It is left alone; the child comes when it has gone.
   */
  public static final class NameTaken extends ChildFailure {
    private static final long serialVersionUID = 1;

    NameTaken(String child, Throwable cause) {
      super(
          ("There is a %s already that does not belong to this KvStore, and it was left as it is:"
                  + " delete or rename it, or give the KvStore another name.")
              .formatted(child),
          cause);
    }
  }

  /** The API server will not have the child as it is asked for: a quota, a policy, a value. */
  public static final class Refused extends ChildFailure {
    private static final long serialVersionUID = 1;

    Refused(String child, String why, String advice, Throwable cause) {
      super(
          "The API server refused the %s: %s %s".formatted(child, asSentence(why), advice).strip(),
          cause);
    }
  }

  /** It did not work this time. */
  public static final class NotApplied extends ChildFailure {
    private static final long serialVersionUID = 1;

    NotApplied(String child, String why, Throwable cause) {
      super("The %s could not be applied: %s".formatted(child, asSentence(why)), cause);
    }
  }
}
