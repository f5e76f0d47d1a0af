package io.cloudraft.kvs.service.codec;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.cloudraft.kvs.service.store.Bytes;
import io.cloudraft.kvs.service.store.Key;
import io.cloudraft.kvs.service.store.Search;
import java.net.URLEncoder;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A search as it stands in a query string such as {@code prefix=abc&suffix=-1&limit=10}. */
public final class SearchQuery {
  private static final int DEFAULT_LIMIT = 1000;
  private static final int MAX_LIMIT = 10_000;

  private final Map<String, Bytes> parameters;
  private final Search search;

  private SearchQuery(Map<String, Bytes> parameters) {
    this.parameters = parameters;
    Bytes after = parameters.getOrDefault("after", Bytes.EMPTY);
    this.search =
        Search.keys(
            parameters.getOrDefault("prefix", Bytes.EMPTY),
            parameters.getOrDefault("suffix", Bytes.EMPTY),
            after.isEmpty() ? Optional.empty() : Optional.of(new Key(after)),
            limit(parameters.get("limit")));
  }

  /**
   * Reads a query string, and refuses parameters that it does not know.
   *
   * @param query what follows the question mark, still percent-encoded; null when there is none
   */
  public static SearchQuery parse(@Nullable String query) {
    Map<String, Bytes> parameters = new LinkedHashMap<>();
    for (String parameter : query == null ? new String[0] : query.split("&", -1)) {
      if (!parameter.isEmpty()) {
        add(parameters, parameter);
      }
    }
    return new SearchQuery(parameters);
  }

  private static void add(Map<String, Bytes> parameters, String parameter) {
    int equals = parameter.indexOf('=');
    String rawName = equals < 0 ? parameter : parameter.substring(0, equals);
    String rawValue = equals < 0 ? "" : parameter.substring(equals + 1);
    String name = PercentDecoder.ofQuery().decode(rawName, "name of a parameter").toString();
    switch (name) {
      case "prefix", "suffix", "limit", "after" -> {
        Bytes value = PercentDecoder.ofQuery().decode(rawValue, "parameter \"%s\"".formatted(name));
        if (parameters.put(name, value) != null) {
          throw RequestRefused.malformed("The parameter \"%s\" is there twice.".formatted(name));
        }
      }
      default ->
          throw RequestRefused.malformed(
              "The parameter \"%s\" is unknown: there are \"prefix\", \"suffix\", \"limit\" and \"after\"."
                  .formatted(name.length() <= 64 ? name : name.substring(0, 64) + "…"));
    }
  }

  private static int limit(@Nullable Bytes given) {
    if (given == null) {
      return DEFAULT_LIMIT;
    }
    String text = given.toString();
    // Longer numbers would not fit into an int, and are too large anyway.
    int limit = text.matches("[0-9]{1,9}") ? Integer.parseInt(text) : 0;
    if (limit < 1 || limit > MAX_LIMIT) {
      throw RequestRefused.malformed(
          "The parameter \"limit\" must be a whole number from 1 to %d, not \"%s\"."
              .formatted(MAX_LIMIT, text.length() <= 64 ? text : text.substring(0, 64) + "…"));
    }
    return limit;
  }

  public Search search() {
    return search;
  }

  /**
   * The query, with its question mark, of the page that follows the one that ends with this key.
   */
  public String next(Key last) {
    Map<String, Bytes> next = new LinkedHashMap<>(parameters);
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
