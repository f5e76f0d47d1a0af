package io.cloudraft.kvs.service.codec;

import io.cloudraft.kvs.service.store.Entry;
import io.cloudraft.kvs.service.store.Key;
import io.cloudraft.kvs.service.store.Metadata;
import io.cloudraft.kvs.service.store.Value;
import tools.jackson.core.JsonGenerator;

/**
 * A key and what is under it as fields of a JSON object, named alike wherever they occur: {@code
 * key}; {@code revision}, {@code created}, {@code version}, {@code expires}; {@code contentType},
 * {@code value} or {@code base64}.
 */
public final class EntryJson {
  private EntryJson() {}

  /** The whole object. */
  public static void write(JsonGenerator json, Key key, Entry entry) {
    json.writeStartObject();
    writeKey(json, key);
    writeMetadata(json, entry.metadata());
    writeValue(json, entry.value());
    json.writeEndObject();
  }

  public static void writeKey(JsonGenerator json, Key key) {
    json.writeStringProperty("key", key.toString());
  }

  public static void writeMetadata(JsonGenerator json, Metadata metadata) {
    json.writeNumberProperty("revision", metadata.modified().number());
    json.writeNumberProperty("created", metadata.created().number());
    json.writeNumberProperty("version", metadata.version());
    if (metadata.expires().isPresent()) {
      json.writeStringProperty("expires", Expiry.format(metadata.expires().get()));
    }
  }

  /** Bytes that are UTF-8 as text, any others in base64. */
  public static void writeValue(JsonGenerator json, Value value) {
    json.writeStringProperty("contentType", value.contentType());
    String text = Utf8.textOrNull(value.bytes());
    if (text == null) {
      json.writeName("base64");
      json.writeBinary(value.bytes().array());
    } else {
      json.writeStringProperty("value", text);
    }
  }
}
