package io.cloudraft.kvs.service.codec;

import io.cloudraft.kvs.service.store.Operation;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A line of an export, as it comes back in an import. */
public sealed interface ImportLine {

  /** The first line. */
  record Begin() implements ImportLine {}

  /**
   * A key and its value. The revisions are those of the store that it came from, and left behind.
   */
  record Item(Operation.Put put) implements ImportLine {}

  /**
   * The last line.
   *
   * @param items how many there are before it
   */
  record End(long items) implements ImportLine {}

  /**
   * Reads a line.
   *
   * @param line without its end
   */
  static ImportLine parse(ByteBuffer line, Limits limits) {
    return JsonReader.read(
        Utf8.decode(line, "line"), "line", Reader.EXAMPLE, json -> new Reader(json, limits).read());
  }

  /** Reads one object. */
  final class Reader {
    private static final String EXAMPLE = "{\"key\":\"abc-1\",\"value\":\"…\"}";
    private static final List<String> FIELDS =
        List.of(
            "key",
            "revision",
            "created",
            "version",
            "expires",
            "contentType",
            "value",
            "base64",
            "kvs",
            "items");

    private final JsonReader json;
    private final PutFields put;
    private boolean hasPut;
    private @Nullable String kind;
    private long items = -1;

    private Reader(JsonReader json, Limits limits) {
      this.json = json;
      // There is no time to live among the fields.
      this.put = new PutFields(json, limits, Instant.EPOCH);
    }

    private ImportLine read() {
      json.wholeObject("line", FIELDS, this::readField);
      if (kind == null && items < 0) {
        return new Item(put.put(""));
      }
      if (hasPut) {
        throw RequestRefused.malformed(
            "The line has fields of an item beside \"kvs\" or \"items\", which only the first and the last line have.");
      }
      return switch (kind) {
        case "export" -> new Begin();
        case "end" -> end();
        case null -> throw RequestRefused.malformed("The field \"kvs\" is missing.");
        default ->
            throw RequestRefused.malformed(
                "The field \"kvs\" must be \"export\" or \"end\", not \"%s\"."
                    .formatted(Shortened.of(kind)));
      };
    }

    private End end() {
      if (items < 0) {
        throw RequestRefused.malformed("The field \"items\" is missing.");
      }
      return new End(items);
    }

    private void readField(String name, String path) {
      switch (name) {
        case "kvs" -> kind = json.string(path);
        case "items" -> items = number(path);
        case "revision", "created", "version" -> number(path);
        default -> hasPut |= put.read(name, path);
      }
    }

    private long number(String path) {
      String text = json.number(path);
      long number = Digits.parse(text);
      if (number < 0) {
        throw RequestRefused.malformed(
            "The field \"%s\" must be a whole number, not %s.".formatted(path, Shortened.of(text)));
      }
      return number;
    }
  }
}
