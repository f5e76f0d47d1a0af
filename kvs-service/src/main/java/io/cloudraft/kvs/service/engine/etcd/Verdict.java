package io.cloudraft.kvs.service.engine.etcd;

import io.cloudraft.kvs.service.store.StoreFailure;
import io.grpc.Status;
import java.util.Objects;

/** What a failed call means. */
sealed interface Verdict {

  /** Nothing was done, and another attempt or member may do it. */
  record Again(String why) implements Verdict {}

  /** Nothing was done, because who we are must be shown anew. */
  record LoginAgain() implements Verdict {}

  /** It may have been done. */
  record Unknown(String why) implements Verdict {}

  /** Nothing was done, nor will be. */
  record Final(RuntimeException failure) implements Verdict {}

  /**
   * Judges how a call ended.
   *
   * @param sent whether the request may have reached the member
   * @param read whether it changes nothing
   */
  static Verdict of(Status status, boolean sent, boolean read) {
    String text = Objects.requireNonNullElse(status.getDescription(), "");
    return switch (status.getCode()) {
      case UNAUTHENTICATED -> new LoginAgain();
      case PERMISSION_DENIED ->
          new Final(
              new StoreFailure.Denied(
                  "etcd does not let this user read and write below KVS_ETCD_KEY_PREFIX: grant a role with that permission (%s)."
                      .formatted(text)));
      case OUT_OF_RANGE ->
          text.contains("compacted")
              ? new Final(new EtcdRefusal(EtcdRefusal.Kind.COMPACTED, text))
              // This member lags behind the one that was asked before.
              : new Again(text);
      case RESOURCE_EXHAUSTED -> exhausted(text, sent, read);
      case INVALID_ARGUMENT -> refused(text);
      default ->
          !sent || isSurelyNotDone(text)
              ? new Again(text.isEmpty() ? status.getCode().toString() : text)
              : new Unknown(text.isEmpty() ? status.getCode().toString() : text);
    };
  }

  /** Judges how a login ended. */
  static StoreFailure ofLogin(Status status, String why) {
    String text = Objects.requireNonNullElse(status.getDescription(), "");
    return text.contains("invalid user ID or password")
            || text.contains("authentication is not enabled")
        ? new StoreFailure.Denied(
            "etcd does not take the name and password of KVS_ETCD_CREDENTIALS_DIRECTORY: " + why)
        : new StoreFailure.Unavailable("no login: " + why);
  }

  private static Verdict exhausted(String text, boolean sent, boolean read) {
    if (text.contains("database space exceeded")) {
      return new Final(
          new StoreFailure.DiskFull(
              "etcd has no room for more: its data reached --quota-backend-bytes. Did that happen just now, this write may have been done: read before you write again. Delete keys; then compact and defragment etcd and disarm its alarm, or raise the quota."));
    }
    if (text.contains("too many requests")) {
      return new Again(text);
    }
    if (text.contains("gRPC message exceeds maximum size")) {
      // The answer was too large for us, so there was one.
      return read ? new Final(new EtcdRefusal(EtcdRefusal.Kind.LARGE, text)) : new Unknown(text);
    }
    return sent ? new Unknown(text) : new Again(text);
  }

  private static Verdict refused(String text) {
    if (text.contains("revision of auth store is old") || text.contains("user name is empty")) {
      return new LoginAgain();
    }
    if (text.contains("too many operations")) {
      return new Final(
          new StoreFailure.TooLarge(
              "The transaction has more operations than etcd takes (its --max-txn-ops), though KVS_ETCD_MAX_OPERATIONS allows them: set that to what etcd has."));
    }
    if (text.contains("request is too large")) {
      return new Final(
          new StoreFailure.TooLarge(
              "The write is larger than etcd takes (its --max-request-bytes), though KVS_ETCD_MAX_REQUEST_BYTES allows it: set that to what etcd has."));
    }
    return new Final(new IllegalStateException("etcd refused a request: " + text));
  }

  /** Answers of etcd that come before anything is proposed to the cluster. */
  private static boolean isSurelyNotDone(String text) {
    return text.contains("etcdserver: no leader")
        || text.contains("proposal dropped")
        || text.contains("not capable");
  }
}
