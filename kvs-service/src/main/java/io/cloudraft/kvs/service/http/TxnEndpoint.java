package io.cloudraft.kvs.service.http;

import io.cloudraft.kvs.service.codec.EntryJson;
import io.cloudraft.kvs.service.codec.ErrorCode;
import io.cloudraft.kvs.service.codec.Limits;
import io.cloudraft.kvs.service.codec.Parameters;
import io.cloudraft.kvs.service.codec.RequestRefused;
import io.cloudraft.kvs.service.codec.TxnRequest;
import io.cloudraft.kvs.service.store.Entry;
import io.cloudraft.kvs.service.store.Key;
import io.cloudraft.kvs.service.store.KeyValueStore;
import io.cloudraft.kvs.service.store.Operation;
import io.cloudraft.kvs.service.store.Outcome;
import io.cloudraft.kvs.service.store.Outcome.Result;
import io.cloudraft.kvs.service.store.Transaction;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JsonGenerator;

/** {@code POST /v1/txn}: several comparisons and operations at one moment, all of it or nothing. */
final class TxnEndpoint extends Endpoint {
  private static final int ROOM_FOR_JSON_SYNTAX = 512;
  private static final int ROOM_FOR_METADATA = 192;

  private final transient KeyValueStore store;
  private final transient Commits commits;
  private final transient Limits limits;
  private final transient BodyReader bodies;
  private final transient InstantSource clock;
  private final transient HeapShare heap;

  TxnEndpoint(
      KeyValueStore store,
      Commits commits,
      Limits limits,
      BodyReader bodies,
      InstantSource clock,
      HeapShare heap) {
    super("/v1/txn", List.of("POST"));
    this.store = store;
    this.commits = commits;
    this.limits = limits;
    this.bodies = bodies;
    this.clock = clock;
    this.heap = heap;
  }

  @Override
  protected void answer(HttpServletRequest request, String rest, HttpServletResponse response)
      throws IOException {
    Parameters.parse(request.getQueryString(), List.of());
    TxnRequest asked;
    try (BodyReader.Body body =
        bodies.read(request.getInputStream(), request.getContentLengthLong())) {
      asked = TxnRequest.parse(body.bytes(), limits, Instant.ofEpochMilli(clock.millis()));
    }
    Transaction transaction = asked.transaction();
    if (isAnswerSmall(asked, response.getBufferSize())) {
      answerLater(
          request,
          response,
          commits.commit(transaction),
          outcome -> writeDone(response, transaction, outcome));
      return;
    }
    try (HeapShare.Part part = heap.take(mostBytesRead(transaction))) {
      Outcome outcome = commits.commit(transaction).join();
      part.shrinkTo(bytesRead(outcome));
      if (!outcome.succeeded() && asked.otherwise().isEmpty()) {
        throw compareFailed(transaction, outcome);
      }
      writeDone(response, transaction, outcome);
    }
  }

  /**
   * Whether nothing is read, neither by an operation nor to tell the state of what was compared,
   * and the answer fits into the buffer however its keys are escaped.
   */
  private static boolean isAnswerSmall(TxnRequest asked, int bufferSize) {
    Transaction transaction = asked.transaction();
    if (asked.otherwise().isEmpty() && !asked.compares().isEmpty()) {
      return false;
    }
    return mostBytesOfAnswer(transaction.then()) <= bufferSize
        && mostBytesOfAnswer(transaction.otherwise()) <= bufferSize;
  }

  private static long mostBytesOfAnswer(List<Operation> operations) {
    long most = ROOM_FOR_JSON_SYNTAX;
    for (Operation operation : operations) {
      most +=
          operation instanceof Operation.Get
              ? Integer.MAX_VALUE
              : ROOM_FOR_METADATA
                  + (long) Limits.LONGEST_JSON_FORM * operation.key().bytes().size();
    }
    return most;
  }

  /** What the values that a transaction reads take at most. */
  private long mostBytesRead(Transaction transaction) {
    long gets = Math.max(gets(transaction.then()), gets(transaction.otherwise()));
    return gets * limits.maxValueBytes();
  }

  private static int gets(List<Operation> operations) {
    int gets = 0;
    for (Operation operation : operations) {
      gets += operation instanceof Operation.Get ? 1 : 0;
    }
    return gets;
  }

  private static long bytesRead(Outcome outcome) {
    long bytes = 0;
    for (Result result : outcome.results()) {
      if (result instanceof Result.Got(Optional<Entry> entry) && entry.isPresent()) {
        bytes += entry.get().value().bytes().size();
      }
    }
    return bytes;
  }

  private RequestRefused compareFailed(Transaction transaction, Outcome outcome) {
    int index = outcome.failedCompare().orElseThrow();
    Key key = transaction.compares().get(index).key();
    Optional<Entry> current = store.get(key);
    String state =
        current
            .map(entry -> "the key is at revision " + entry.metadata().modified().number())
            .orElse("there is no such key");
    return new RequestRefused(
        ErrorCode.COMPARE_FAILED,
        "The comparison compare[%d] does not hold: %s. Nothing was changed."
            .formatted(index, state),
        json -> {
          json.writeNumberProperty("compare", index);
          EntryJson.writeKey(json, key);
          if (current.isPresent()) {
            json.writeNumberProperty("revision", current.get().metadata().modified().number());
          } else {
            json.writeNullProperty("revision");
          }
        });
  }

  private static void writeDone(
      HttpServletResponse response, Transaction transaction, Outcome outcome) throws IOException {
    List<Operation> done = outcome.succeeded() ? transaction.then() : transaction.otherwise();
    Json.answer(response, HttpServletResponse.SC_OK, json -> write(json, outcome, done));
  }

  private static void write(JsonGenerator json, Outcome outcome, List<Operation> done) {
    json.writeStartObject();
    json.writeBooleanProperty("succeeded", outcome.succeeded());
    json.writeNumberProperty("revision", outcome.revision().number());
    json.writeArrayPropertyStart("results");
    for (int i = 0; i < done.size(); i++) {
      json.writeStartObject();
      EntryJson.writeKey(json, done.get(i).key());
      writeResult(json, outcome.results().get(i));
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private static void writeResult(JsonGenerator json, Result result) {
    switch (result) {
      case Result.Put put -> EntryJson.writeMetadata(json, put.metadata());
      case Result.Deleted deleted -> json.writeBooleanProperty("deleted", deleted.existed());
      case Result.Got got -> {
        json.writeBooleanProperty("found", got.entry().isPresent());
        if (got.entry().isPresent()) {
          EntryJson.writeMetadata(json, got.entry().get().metadata());
          EntryJson.writeValue(json, got.entry().get().value());
        }
      }
    }
  }
}
