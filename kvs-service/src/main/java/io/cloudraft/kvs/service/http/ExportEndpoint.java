package io.cloudraft.kvs.service.http;

import io.cloudraft.kvs.service.codec.EntryJson;
import io.cloudraft.kvs.service.codec.ErrorCode;
import io.cloudraft.kvs.service.codec.Parameters;
import io.cloudraft.kvs.service.codec.RequestRefused;
import io.cloudraft.kvs.service.store.KeyValueStore;
import io.cloudraft.kvs.service.store.Page;
import io.cloudraft.kvs.service.store.Revision;
import io.cloudraft.kvs.service.store.Scan;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;

/**
 * {@code GET /v1/export?prefix=abc}: all matching keys with their values as they were at one
 * moment, a line of JSON each. The last line says how many there are: without it something is
 * missing.
 */
final class ExportEndpoint extends Endpoint {
  /** Each keeps a thread and the past for as long as it takes. */
  private static final int MAX_AT_ONCE = 4;

  private static final List<String> KNOWN = List.of("prefix", "suffix");

  private final transient KeyValueStore store;
  private final transient Semaphore free = new Semaphore(MAX_AT_ONCE);

  ExportEndpoint(KeyValueStore store) {
    super("/v1/export", READ);
    this.store = store;
  }

  @Override
  protected void answer(HttpServletRequest request, String rest, HttpServletResponse response)
      throws IOException {
    Parameters parameters = Parameters.parse(request.getQueryString(), KNOWN);
    response.setContentType("application/x-ndjson");
    response.setHeader("Cache-Control", "no-store");
    if (request.getMethod().equals("HEAD")) {
      return;
    }
    if (!free.tryAcquire()) {
      throw new RequestRefused(
          ErrorCode.BUSY,
          "%d exports are under way, and no more are made at the same time; try again later."
              .formatted(MAX_AT_ONCE));
    }
    try (Scan scan = store.scan(parameters.text("prefix"), parameters.text("suffix"))) {
      export(scan, response.getOutputStream());
    } finally {
      free.release();
    }
  }

  private static void export(Scan scan, OutputStream out) throws IOException {
    Revision revision = scan.revision();
    writeLine(
        out,
        json -> {
          json.writeStartObject();
          json.writeStringProperty("kvs", "export");
          json.writeNumberProperty("revision", revision.number());
          json.writeEndObject();
        });
    long items = 0;
    for (Optional<Page.Item> next = scan.next(); next.isPresent(); next = scan.next()) {
      Page.Item item = next.get();
      writeLine(out, json -> EntryJson.write(json, item.key(), item.entry().orElseThrow()));
      items++;
    }
    long exported = items;
    writeLine(
        out,
        json -> {
          json.writeStartObject();
          json.writeStringProperty("kvs", "end");
          json.writeNumberProperty("items", exported);
          json.writeNumberProperty("revision", revision.number());
          json.writeEndObject();
        });
  }

  private static void writeLine(OutputStream out, Json.Content content) throws IOException {
    Json.write(out, content);
    out.write('\n');
  }
}
