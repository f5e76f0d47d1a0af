package io.cloudraft.kvs.service.http;

import io.cloudraft.kvs.service.codec.SearchQuery;
import io.cloudraft.kvs.service.store.KeyValueStore;
import io.cloudraft.kvs.service.store.Page;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/**
 * {@code GET /search?prefix=abc&suffix=-1}: a JSON array of the matching keys, ascending, one page.
 * A {@code Link} header leads to the next page, as a reference that is relative to this one, so it
 * holds behind a proxy that changes paths.
 */
final class SearchEndpoint extends Endpoint {
  private final transient KeyValueStore store;

  SearchEndpoint(KeyValueStore store) {
    super("/search", READ);
    this.store = store;
  }

  @Override
  protected void answer(HttpServletRequest request, String rest, HttpServletResponse response)
      throws IOException {
    SearchQuery query = SearchQuery.parse(request.getQueryString());
    Page page = store.search(query.search());
    page.resumeAfter()
        .ifPresent(
            key -> response.setHeader("Link", "<%s>; rel=\"next\"".formatted(query.next(key))));
    Json.answer(
        response,
        HttpServletResponse.SC_OK,
        json -> {
          json.writeStartArray();
          page.keys().forEach(key -> json.writeString(key.toString()));
          json.writeEndArray();
        });
  }
}
