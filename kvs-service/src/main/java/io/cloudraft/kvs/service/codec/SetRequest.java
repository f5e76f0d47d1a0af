package io.cloudraft.kvs.service.codec;

import io.cloudraft.kvs.service.store.Bytes;
import io.cloudraft.kvs.service.store.Key;
import io.cloudraft.kvs.service.store.Value;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A key and the value to set, from a JSON object with exactly these two fields.
 *
 * <p>A string is kept as its text. Any other value is kept as the JSON text that was sent,
 * character by character, so {@code 1.10} stays {@code 1.10}.
 */
public record SetRequest(Key key, Value value) {
  private static final List<String> FIELDS = List.of("key", "value");
  private static final String EXAMPLE = "{\"key\":\"abc-1\",\"value\":\"…\"}";

  public static SetRequest parse(ByteBuffer body, Limits limits) {
    return JsonReader.read(
        Utf8.decode(body, "body"), "body", EXAMPLE, json -> new Reader(json).read(limits));
  }

  private static final class Reader {
    private final JsonReader json;
    private @Nullable Bytes key;
    private @Nullable Bytes value;

    Reader(JsonReader json) {
      this.json = json;
    }

    SetRequest read(Limits limits) {
      json.wholeObject("body", FIELDS, this::readField);
      return new SetRequest(
          limits.key(required("key", key), "key", ErrorCode.KEY_TOO_LONG),
          new Value(Value.TEXT, limits.value(required("value", value), "value")));
    }

    private void readField(String name, String path) {
      if (name.equals("key")) {
        key = json.utf8(path);
      } else {
        value = json.stringOrJson(path);
      }
    }

    private static Bytes required(String name, @Nullable Bytes found) {
      if (found == null) {
        throw RequestRefused.malformed("The field \"%s\" is missing.".formatted(name));
      }
      return found;
    }
  }
}
