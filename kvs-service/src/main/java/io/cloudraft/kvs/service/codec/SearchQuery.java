package io.cloudraft.kvs.service.codec;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.cloudraft.kvs.service.store.Bytes;
import io.cloudraft.kvs.service.store.Key;
import io.cloudraft.kvs.service.store.Search;
import java.net.URLEncoder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A search as it stands in a query string such as {@code prefix=abc&suffix=-1&limit=10}. */
public final class SearchQuery {
  private static final List<String> KNOWN = List.of("prefix", "suffix", "limit", "after");
  private static final int DEFAULT_LIMIT = 1000;
  private static final int MAX_LIMIT = 10_000;

  private final Parameters parameters;
  private final Search search;

  private SearchQuery(Parameters parameters) {
    this.parameters = parameters;
    Bytes after = parameters.text("after");
    this.search =
        Search.keys(
            parameters.text("prefix"),
            parameters.text("suffix"),
            after.isEmpty() ? Optional.empty() : Optional.of(new Key(after)),
            (int) parameters.number("limit", DEFAULT_LIMIT, 1, MAX_LIMIT));
  }

  /**
   * Reads a query string, and refuses parameters that it does not know.
   *
   * @param query what follows the question mark, still percent-encoded; null when there is none
   */
  public static SearchQuery parse(@Nullable String query) {
    return new SearchQuery(Parameters.parse(query, KNOWN));
  }

  public Search search() {
    return search;
  }

  /**
   * The query, with its question mark, of the page that follows the one that ends with this key.
   */
  public String next(Key last) {
    Map<String, Bytes> next = new LinkedHashMap<>(parameters.all());
    next.put("after", last.bytes());
    StringBuilder query = new StringBuilder();
    next.forEach(
        (name, value) ->
            query
                .append(query.isEmpty() ? '?' : '&')
                .append(name)
                .append('=')
                .append(URLEncoder.encode(value.toString(), UTF_8)));
    return query.toString();
  }
}
