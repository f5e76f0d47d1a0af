package io.cloudraft.kvs.service.codec;

import io.cloudraft.kvs.service.store.Bytes;
import io.cloudraft.kvs.service.store.Key;
import io.cloudraft.kvs.service.store.Page;
import io.cloudraft.kvs.service.store.Revision;
import io.cloudraft.kvs.service.store.Search;
import io.cloudraft.kvs.service.store.Search.Order;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A page of a search as it stands in a query string such as {@code prefix=abc&values=true}, or in
 * that of the page after it, {@code cursor=…}.
 */
public final class PageQuery {
  public static final int MAX_LIMIT = 10_000;
  public static final int MAX_BYTES = 16 * 1024 * 1024;

  private static final List<String> KNOWN =
      List.of(
          "prefix", "suffix", "limit", "bytes", "cursor", "values", "order", "count", "explain");
  private static final Map<String, Order> ORDERS =
      Map.of("asc", Order.ASCENDING, "desc", Order.DESCENDING);
  private static final int DEFAULT_LIMIT = 1000;
  private static final int DEFAULT_BYTES = 1024 * 1024;

  private final Search search;
  private final boolean count;

  private PageQuery(Search search, boolean count) {
    this.search = search;
    this.count = count;
  }

  /**
   * Reads a query string.
   *
   * @param query what follows the question mark, still percent-encoded; null when there is none
   * @param secret what cursors are signed with
   */
  public static PageQuery parse(@Nullable String query, Bytes secret) {
    Parameters parameters = Parameters.parse(query, KNOWN);
    Optional<Cursor> cursor =
        parameters.given("cursor").map(text -> genuine(text.toString(), secret));
    Search search =
        new Search(
            cursor.map(Cursor::prefix).orElseGet(() -> parameters.text("prefix")),
            cursor.map(Cursor::suffix).orElseGet(() -> parameters.text("suffix")),
            cursor.map(Cursor::after),
            cursor
                .map(Cursor::order)
                .orElseGet(() -> parameters.oneOf("order", Order.ASCENDING, ORDERS)),
            (int) parameters.number("limit", DEFAULT_LIMIT, 1, MAX_LIMIT),
            cursor.map(Cursor::values).orElseGet(() -> parameters.flag("values")),
            parameters.number("bytes", DEFAULT_BYTES, 1, MAX_BYTES),
            cursor.map(Cursor::since),
            parameters.flag("explain"));
    if (cursor.isPresent()) {
      refuseChange("prefix", parameters.has("prefix"), parameters.text("prefix"), search.prefix());
      refuseChange("suffix", parameters.has("suffix"), parameters.text("suffix"), search.suffix());
      refuseChange(
          "order",
          parameters.has("order"),
          parameters.oneOf("order", Order.ASCENDING, ORDERS),
          search.order());
      refuseChange("values", parameters.has("values"), parameters.flag("values"), search.values());
    }
    return new PageQuery(search, parameters.flag("count"));
  }

  private static Cursor genuine(String text, Bytes secret) {
    return Cursor.decode(text, secret)
        .orElseThrow(
            () ->
                new RequestRefused(
                    ErrorCode.CURSOR_INVALID,
                    "The parameter \"cursor\" is not one that this store gave out, or it was altered: send it as it came, or leave it out to begin anew."));
  }

  private static void refuseChange(String name, boolean given, Object value, Object before) {
    if (given && !value.equals(before)) {
      throw RequestRefused.malformed(
          "The parameter \"%s\" is not that of the search which the cursor goes on with: leave it out, or leave the cursor out."
              .formatted(name));
    }
  }

  public Search search() {
    return search;
  }

  /** Whether it was asked how many keys match in all. */
  public boolean count() {
    return count;
  }

  /** The cursor of the page that follows, if any does. */
  public Optional<String> next(Page page, Bytes secret) {
    Revision first = search.since().orElse(page.revision());
    return page.resumeAfter().map(after -> cursor(after, first).encode(secret));
  }

  private Cursor cursor(Key after, Revision since) {
    return new Cursor(
        search.prefix(), search.suffix(), search.order(), search.values(), after, since);
  }
}
