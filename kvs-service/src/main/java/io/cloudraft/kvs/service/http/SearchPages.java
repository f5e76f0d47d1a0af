package io.cloudraft.kvs.service.http;

import io.cloudraft.kvs.service.codec.EntryJson;
import io.cloudraft.kvs.service.codec.ErrorCode;
import io.cloudraft.kvs.service.codec.Limits;
import io.cloudraft.kvs.service.codec.PageQuery;
import io.cloudraft.kvs.service.codec.RequestRefused;
import io.cloudraft.kvs.service.store.Bytes;
import io.cloudraft.kvs.service.store.Consistency;
import io.cloudraft.kvs.service.store.Count;
import io.cloudraft.kvs.service.store.Entry;
import io.cloudraft.kvs.service.store.KeyValueStore;
import io.cloudraft.kvs.service.store.Page;
import io.cloudraft.kvs.service.store.Page.Plan;
import io.cloudraft.kvs.service.store.Search;
import io.cloudraft.kvs.service.store.StoreFailure;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;

/** {@code GET /v1/kv?prefix=abc&suffix=-1}: the matching keys, page by page. */
final class SearchPages {
  private final KeyValueStore store;
  private final Limits limits;
  private final HeapShare heap;

  SearchPages(KeyValueStore store, Limits limits, HeapShare heap) {
    this.store = store;
    this.limits = limits;
    this.heap = heap;
  }

  /**
   * Answers with one page.
   *
   * @param query what follows the question mark, still percent-encoded; null when there is none
   */
  void answer(@Nullable String query, Consistency consistency, HttpServletResponse response)
      throws IOException {
    Bytes secret = store.secret();
    PageQuery asked = PageQuery.parse(query, secret);
    try (HeapShare.Part part = heap.take(HeapShare.mostBytes(asked.search(), limits))) {
      Page page = find(asked.search(), consistency);
      part.shrinkTo(HeapShare.bytes(page));
      Optional<Count> count =
          asked.count()
              ? Optional.of(store.count(asked.search().prefix(), asked.search().suffix()))
              : Optional.empty();
      Optional<String> cursor = asked.next(page, secret);
      response.setHeader("Cache-Control", "no-cache");
      Json.answer(response, HttpServletResponse.SC_OK, json -> write(json, page, cursor, count));
    }
  }

  private Page find(Search search, Consistency consistency) {
    try {
      return store.search(search, consistency);
    } catch (StoreFailure.Compacted e) {
      throw new RequestRefused(
          ErrorCode.CURSOR_EXPIRED,
          "The cursor is too old: its first page was read at revision %d, and the history begins at %d by now. Begin the search anew without a cursor."
              .formatted(search.since().orElseThrow().number(), e.oldest().number()),
          json -> json.writeNumberProperty("oldest", e.oldest().number()));
    }
  }

  private static void write(
      JsonGenerator json, Page page, Optional<String> cursor, Optional<Count> count) {
    json.writeStartObject();
    json.writeNumberProperty("revision", page.revision().number());
    json.writeArrayPropertyStart("items");
    for (Page.Item item : page.items()) {
      writeItem(json, item);
    }
    json.writeEndArray();
    json.writeBooleanProperty("complete", cursor.isEmpty());
    cursor.ifPresent(text -> json.writeStringProperty("cursor", text));
    count.ifPresent(
        found -> {
          json.writeNumberProperty("count", found.keys());
          json.writeBooleanProperty("countIsExact", found.exact());
        });
    page.plan().ifPresent(plan -> writePlan(json, plan));
    json.writeEndObject();
  }

  private static void writeItem(JsonGenerator json, Page.Item item) {
    Entry entry = item.entry().orElse(null);
    if (entry == null) {
      json.writeStartObject();
      EntryJson.writeKey(json, item.key());
      json.writeEndObject();
    } else {
      EntryJson.write(json, item.key(), entry);
    }
  }

  private static void writePlan(JsonGenerator json, Plan plan) {
    json.writeObjectPropertyStart("plan");
    json.writeStringProperty(
        "index",
        switch (plan.index()) {
          case PREFIX -> "prefix";
          case SUFFIX -> "suffix";
        });
    json.writeNumberProperty("estimatedByPrefix", plan.estimatedByPrefix());
    json.writeNumberProperty("estimatedBySuffix", plan.estimatedBySuffix());
    json.writeNumberProperty("visited", plan.visited());
    json.writeEndObject();
  }
}
