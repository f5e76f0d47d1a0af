package io.cloudraft.kvs.service.http;

import io.cloudraft.kvs.service.codec.Limits;
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
  private final transient Limits limits;
  private final transient HeapShare heap;

  SearchEndpoint(KeyValueStore store, Limits limits, HeapShare heap) {
    super("/search", READ);
    this.store = store;
    this.limits = limits;
    this.heap = heap;
  }

  @Override
  protected void answer(HttpServletRequest request, String rest, HttpServletResponse response)
      throws IOException {
    SearchQuery query = SearchQuery.parse(request.getQueryString());
    try (HeapShare.Part part = heap.take(HeapShare.mostBytes(query.search(), limits))) {
      Page page = store.search(query.search());
      part.shrinkTo(HeapShare.bytes(page));
      answer(query, page, response);
    }
  }

  private static void answer(SearchQuery query, Page page, HttpServletResponse response)
      throws IOException {
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
