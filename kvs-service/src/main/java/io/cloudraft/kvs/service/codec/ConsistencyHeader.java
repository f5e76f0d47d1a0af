package io.cloudraft.kvs.service.codec;

import io.cloudraft.kvs.service.store.Consistency;
import org.jspecify.annotations.Nullable;

/** The header by which a client takes a read that may be a little old, where that is cheaper. */
public final class ConsistencyHeader {
  public static final String NAME = "Kvs-Consistency";

  private ConsistencyHeader() {}

  /** What it asks for; linearizable unless it is there. */
  public static Consistency parse(@Nullable String value) {
    return switch (value) {
      case null -> Consistency.LINEARIZABLE;
      case "linearizable" -> Consistency.LINEARIZABLE;
      case "serializable" -> Consistency.SERIALIZABLE;
      default ->
          throw RequestRefused.malformed(
              "The header %s must be \"linearizable\" or \"serializable\", not \"%s\"."
                  .formatted(NAME, Shortened.of(value)));
    };
  }
}
