package io.cloudraft.kvs.service.codec;

import io.cloudraft.kvs.service.store.Bytes;
import io.cloudraft.kvs.service.store.Compare;
import io.cloudraft.kvs.service.store.Key;
import io.cloudraft.kvs.service.store.Operation;
import io.cloudraft.kvs.service.store.Revision;
import io.cloudraft.kvs.service.store.Transaction;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A transaction as a JSON object: {@code {"compare":[…],"then":[…],"else":[…]}}, of which each list
 * may be left out.
 *
 * @param otherwise what "else" lists; nothing when it was not given, which is not the same as an
 *     empty list
 */
public record TxnRequest(
    List<Compare> compares, List<Operation> then, Optional<List<Operation>> otherwise) {
  public static final int MAX_ITEMS = 128;

  private static final List<String> FIELDS = List.of("compare", "then", "else");
  private static final List<String> COMPARE =
      List.of("key", "revision", "version", "value", "base64", "exists");
  private static final List<String> OPERATION =
      List.of("op", "key", "value", "base64", "contentType", "ttl");
  private static final String EXAMPLE =
      "{\"then\":[{\"op\":\"put\",\"key\":\"abc-1\",\"value\":\"…\"}]}";

  public TxnRequest {
    compares = List.copyOf(compares);
    then = List.copyOf(then);
    otherwise = otherwise.map(List::copyOf);
  }

  /**
   * Reads a body.
   *
   * @param now what times to live count from
   */
  public static TxnRequest parse(ByteBuffer body, Limits limits, Instant now) {
    return JsonReader.read(
        Utf8.decode(body, "body"), "body", EXAMPLE, json -> new Reader(json, limits, now).read());
  }

  /** What the store is asked to do. */
  public Transaction transaction() {
    return new Transaction(compares, then, otherwise.orElse(List.of()));
  }

  private static final class Reader {
    private final JsonReader json;
    private final Limits limits;
    private final Instant now;
    private List<Compare> compares = List.of();
    private List<Operation> then = List.of();
    private @Nullable List<Operation> otherwise;

    Reader(JsonReader json, Limits limits, Instant now) {
      this.json = json;
      this.limits = limits;
      this.now = now;
    }

    TxnRequest read() {
      json.wholeObject("body", FIELDS, this::readField);
      return new TxnRequest(compares, then, Optional.ofNullable(otherwise));
    }

    private void readField(String name, String path) {
      switch (name) {
        case "compare" -> compares = json.list(path, MAX_ITEMS, this::compare);
        case "then" -> then = operations(path);
        default -> otherwise = operations(path);
      }
    }

    private Compare compare(String path) {
      CompareFields fields = new CompareFields(json, limits);
      json.object(path, COMPARE, fields::read);
      return fields.compare(path);
    }

    private List<Operation> operations(String path) {
      List<Operation> operations = json.list(path, MAX_ITEMS, this::operation);
      int repeated = Transaction.repeatedChange(operations);
      if (repeated >= 0) {
        throw RequestRefused.malformed(
            "The operation %s[%d] changes the key \"%s\" a second time: a list changes a key at most once."
                .formatted(
                    path, repeated, Shortened.of(operations.get(repeated).key().toString())));
      }
      return operations;
    }

    private Operation operation(String path) {
      PutFields fields = new PutFields(json, limits, now);
      OperationName name = new OperationName();
      json.object(
          path,
          OPERATION,
          (field, fieldPath) -> {
            if (!fields.read(field, fieldPath)) {
              name.text = json.string(fieldPath);
            }
          });
      return switch (name.text) {
        case "put" -> fields.put(path);
        case "get" -> new Operation.Get(onlyKey(fields, path));
        case "delete" -> new Operation.Delete(onlyKey(fields, path));
        case "" ->
            throw RequestRefused.malformed(
                "The field \"op\" is missing in %s: it is \"put\", \"get\" or \"delete\"."
                    .formatted(path));
        default ->
            throw RequestRefused.malformed(
                "The field \"%s.op\" must be \"put\", \"get\" or \"delete\", not \"%s\"."
                    .formatted(path, Shortened.of(name.text)));
      };
    }

    private static Key onlyKey(PutFields fields, String path) {
      if (fields.hasMoreThanKey()) {
        throw RequestRefused.malformed(
            "The operation %s has fields that only a \"put\" has: it needs \"op\" and \"key\"."
                .formatted(path));
      }
      return fields.key(path);
    }
  }

  private static final class OperationName {
    private String text = "";
  }

  /** What is expected of a key, field by field. */
  private static final class CompareFields {
    private final JsonReader json;
    private final Limits limits;
    private @Nullable Key key;
    private @Nullable Expectation expectation;

    /** Becomes a comparison when the key is known. */
    @FunctionalInterface
    private interface Expectation {
      Compare of(Key key);
    }

    CompareFields(JsonReader json, Limits limits) {
      this.json = json;
      this.limits = limits;
    }

    void read(String name, String path) {
      switch (name) {
        case "key" -> key = limits.key(json.utf8(path), Names.field(path), ErrorCode.KEY_TOO_LONG);
        case "revision" -> {
          Revision revision = new Revision(json.positive(path));
          expect(path, key -> new Compare.ModifiedAt(key, Set.of(revision)));
        }
        case "version" -> {
          long version = json.positive(path);
          expect(path, key -> new Compare.VersionIs(key, version));
        }
        case "exists" -> {
          boolean expected = json.flag(path);
          expect(path, key -> new Compare.Exists(key, expected));
        }
        default -> {
          Bytes bytes = name.equals("value") ? json.utf8(path) : json.base64(path);
          expect(path, key -> new Compare.ValueIs(key, bytes));
        }
      }
    }

    private void expect(String path, Expectation expected) {
      if (expectation != null) {
        throw RequestRefused.malformed(
            "The %s is one expectation too many: a comparison has one, and a key may be compared several times."
                .formatted(Names.field(path)));
      }
      expectation = expected;
    }

    Compare compare(String path) {
      if (key == null) {
        throw RequestRefused.malformed("The field \"key\" is missing in %s.".formatted(path));
      }
      if (expectation == null) {
        throw RequestRefused.malformed(
            "The comparison %s expects nothing: it needs one of %s."
                .formatted(path, Names.listed(COMPARE.subList(1, COMPARE.size()), "and")));
      }
      return expectation.of(key);
    }
  }
}
