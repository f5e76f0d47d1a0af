package io.cloudraft.kvs.service.http;

import io.cloudraft.kvs.service.codec.ErrorCode;
import io.cloudraft.kvs.service.codec.ImportLine;
import io.cloudraft.kvs.service.codec.Limits;
import io.cloudraft.kvs.service.codec.LineReader;
import io.cloudraft.kvs.service.codec.Parameters;
import io.cloudraft.kvs.service.codec.RequestRefused;
import io.cloudraft.kvs.service.store.KeyValueStore;
import io.cloudraft.kvs.service.store.StoreFailure;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Semaphore;
import tools.jackson.core.JsonGenerator;

/**
 * {@code POST /v1/import} with the lines of an export: puts them while they come, however many they
 * are. What goes wrong ends it, and the answer says how far it came; {@code ?after=KEY} goes on
 * from there.
 */
final class ImportEndpoint extends Endpoint {
  /** Each keeps a thread for as long as it takes, and some transactions in memory. */
  private static final int MAX_AT_ONCE = 2;

  private static final List<String> KNOWN = List.of("after");

  /** To parse a line takes some four times of what it does. */
  private static final int PARSING = 4;

  private final transient KeyValueStore store;
  private final transient Limits limits;
  private final transient HeapShare heap;
  private final transient Semaphore free = new Semaphore(MAX_AT_ONCE);

  ImportEndpoint(KeyValueStore store, Limits limits, HeapShare heap) {
    super("/v1/import", List.of("POST"));
    this.store = store;
    this.limits = limits;
    this.heap = heap;
  }

  @Override
  protected void answer(HttpServletRequest request, String rest, HttpServletResponse response)
      throws IOException {
    Parameters parameters = Parameters.parse(request.getQueryString(), KNOWN);
    if (!free.tryAcquire()) {
      throw new RequestRefused(
          ErrorCode.BUSY,
          "%d imports are under way, and no more are taken at the same time; try again later."
              .formatted(MAX_AT_ONCE));
    }
    try {
      importInto(new Importer(store, heap, parameters.text("after")), request, response);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StoreFailure.Closed();
    } finally {
      free.release();
    }
  }

  private void importInto(
      Importer importer, HttpServletRequest request, HttpServletResponse response)
      throws IOException, InterruptedException {
    LineReader lines = new LineReader(request.getInputStream(), limits.maxBodyBytes());
    try {
      readAll(importer, lines);
    } catch (RequestRefused | StoreFailure | CompletionException e) {
      Problem problem =
          Failures.problem(e)
              .with(json -> json.writeNumberProperty("line", lines.number()))
              .with(json -> writeProgress(json, importer));
      Failures.answer(problem, request, response);
      return;
    }
    Json.answer(
        response,
        HttpServletResponse.SC_OK,
        json -> {
          json.writeStartObject();
          writeProgress(json, importer);
          json.writeNumberProperty("skipped", importer.skipped());
          json.writeNumberProperty("revision", importer.revision().number());
          json.writeEndObject();
        });
  }

  private void readAll(Importer importer, LineReader lines)
      throws IOException, InterruptedException {
    try {
      for (ByteBuffer line = lines.next(); line != null; line = lines.next()) {
        importer.take(parse(line));
      }
    } catch (RequestRefused e) {
      // What came before is whole, and stays.
      importer.finish();
      throw e;
    }
    importer.finish();
  }

  private ImportLine parse(ByteBuffer line) throws InterruptedException {
    try (HeapShare.Part _ = heap.await((long) PARSING * line.remaining())) {
      return ImportLine.parse(line, limits);
    }
  }

  private static void writeProgress(JsonGenerator json, Importer importer) {
    json.writeNumberProperty("imported", importer.imported());
    if (importer.lastKey().isPresent()) {
      json.writeStringProperty("lastKey", importer.lastKey().get().toString());
    }
  }
}
