package io.cloudraft.kvs.service.codec;

import io.cloudraft.kvs.service.store.Bytes;
import io.cloudraft.kvs.service.store.Key;
import io.cloudraft.kvs.service.store.Revision;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Whose changes are watched, and from where on.
 *
 * @param prefix that the keys begin with
 * @param suffix that the keys end with
 * @param key the only key, if only one is watched; then it is prefix and suffix too
 * @param last what was told before; nothing when only what comes from now on is wanted
 * @param values whether the values are wanted too
 */
public record WatchQuery(
    Bytes prefix, Bytes suffix, Optional<Key> key, Optional<EventId> last, boolean values) {
  private static final List<String> KNOWN = List.of("prefix", "suffix", "key", "from", "values");
  private static final long LARGEST_REVISION = 999_999_999_999_999_999L;

  /**
   * Reads a query string.
   *
   * @param query what follows the question mark, still percent-encoded; null when there is none
   * @param lastEventId what a client that comes again was told last, if it says so: it knows better
   *     than its query
   */
  public static WatchQuery parse(
      @Nullable String query, @Nullable String lastEventId, Limits limits) {
    Parameters parameters = Parameters.parse(query, KNOWN);
    Optional<Key> key =
        parameters.has("key") ? Optional.of(parameters.key("key", limits)) : Optional.empty();
    if (key.isPresent() && (parameters.has("prefix") || parameters.has("suffix"))) {
      throw RequestRefused.malformed(
          "The parameter \"key\" stands for one key, so \"prefix\" and \"suffix\" must be left out.");
    }
    return new WatchQuery(
        key.map(Key::bytes).orElseGet(() -> parameters.text("prefix")),
        key.map(Key::bytes).orElseGet(() -> parameters.text("suffix")),
        key,
        last(parameters, lastEventId),
        parameters.flag("values"));
  }

  private static Optional<EventId> last(Parameters parameters, @Nullable String lastEventId) {
    Optional<EventId> from =
        parameters.has("from")
            ? Optional.of(
                EventId.upTo(new Revision(parameters.number("from", 1, 1, LARGEST_REVISION) - 1)))
            : Optional.empty();
    return lastEventId == null || lastEventId.isEmpty()
        ? from
        : Optional.of(EventId.parse(lastEventId, "header Last-Event-ID"));
  }

  /** Whether the key is watched. */
  public boolean matches(Key key) {
    return this.key.isPresent() ? this.key.get().equals(key) : key.matches(prefix, suffix);
  }
}
