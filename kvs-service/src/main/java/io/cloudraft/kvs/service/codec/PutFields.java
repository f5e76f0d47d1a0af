package io.cloudraft.kvs.service.codec;

import io.cloudraft.kvs.service.store.Bytes;
import io.cloudraft.kvs.service.store.Key;
import io.cloudraft.kvs.service.store.Operation;
import io.cloudraft.kvs.service.store.Value;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What to put, field by field as a JSON object has it: {@code key}; {@code value} or {@code
 * base64}; {@code contentType}; {@code ttl} or {@code expires}.
 */
final class PutFields {
  private final JsonReader json;
  private final Limits limits;
  private final Instant now;
  private @Nullable Key key;
  private @Nullable Bytes bytes;
  private @Nullable String contentType;
  private Optional<Instant> expires = Optional.empty();
  private String defaultType = Value.TEXT;

  /**
   * @param now what a time to live counts from
   */
  PutFields(JsonReader json, Limits limits, Instant now) {
    this.json = json;
    this.limits = limits;
    this.now = now;
  }

  /** Reads the field if it is one of these. */
  boolean read(String name, String path) {
    switch (name) {
      case "key" -> key = limits.key(json.utf8(path), Names.field(path), ErrorCode.KEY_TOO_LONG);
      case "value" -> bytes(json.utf8(path), path, Value.TEXT);
      case "base64" -> bytes(json.base64(path), path, ContentType.BYTES);
      case "contentType" -> contentType = ContentType.check(json.string(path), Names.field(path));
      case "ttl" ->
          expires = Optional.of(now.plus(Expiry.parseTtl(json.number(path), Names.field(path))));
      case "expires" -> expires = Optional.of(Expiry.parse(json.string(path), Names.field(path)));
      default -> {
        return false;
      }
    }
    return true;
  }

  private void bytes(Bytes given, String path, String type) {
    if (bytes != null) {
      throw RequestRefused.malformed(
          "The %s comes beside another value: send either \"value\" or \"base64\"."
              .formatted(Names.field(path)));
    }
    bytes = limits.value(given, Names.field(path));
    defaultType = type;
  }

  /** Whether fields were read that only a put has. */
  boolean hasMoreThanKey() {
    return bytes != null || contentType != null || expires.isPresent();
  }

  Key key(String path) {
    if (key == null) {
      throw missing(path, "\"key\"");
    }
    return key;
  }

  /**
   * All of it.
   *
   * @param path the object in messages; empty for a whole text
   */
  Operation.Put put(String path) {
    Key complete = key(path);
    if (bytes == null) {
      throw missing(path, "\"value\" or \"base64\"");
    }
    Value value = new Value(contentType == null ? defaultType : contentType, bytes);
    return new Operation.Put(complete, value, expires);
  }

  private static RequestRefused missing(String path, String what) {
    return RequestRefused.malformed(
        "The field %s is missing%s.".formatted(what, path.isEmpty() ? "" : " in " + path));
  }
}
