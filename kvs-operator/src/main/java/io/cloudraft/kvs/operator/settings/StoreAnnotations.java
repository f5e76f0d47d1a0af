package io.cloudraft.kvs.operator.settings;

import io.cloudraft.kvs.operator.api.KvStore;
import java.util.Optional;

/** What is asked of a KvStore for a while, by an annotation, and so not written in its spec. */
public final class StoreAnnotations {
  /** While it is "true", the operator leaves the children of the KvStore as they are. */
  public static final String PAUSED = "kvs.cloudraft.io/paused";

  /** Another value, such as the time, restarts the store. */
  public static final String RESTART = "kvs.cloudraft.io/restart";

  private StoreAnnotations() {}

  public static boolean isPaused(KvStore store) {
    return of(store, PAUSED).filter("true"::equals).isPresent();
  }

  static Optional<String> restart(KvStore store) {
    return of(store, RESTART);
  }

  private static Optional<String> of(KvStore store, String name) {
    return Optional.ofNullable(store.getMetadata().getAnnotations())
        .map(annotations -> annotations.get(name));
  }
}
