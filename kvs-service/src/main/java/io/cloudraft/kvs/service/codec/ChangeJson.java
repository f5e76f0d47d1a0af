package io.cloudraft.kvs.service.codec;

import io.cloudraft.kvs.service.store.Change;
import io.cloudraft.kvs.service.store.Entry;
import tools.jackson.core.JsonGenerator;

/**
 * A change as a JSON object: the fields of {@link EntryJson}, and {@code type}, which is {@code
 * put} or {@code delete}; of a deleted key there are only its name and the revision.
 */
public final class ChangeJson {
  private ChangeJson() {}

  /**
   * Writes the whole object.
   *
   * @param withValue whether the value is a part of it
   */
  public static void write(JsonGenerator json, Change change, boolean withValue) {
    json.writeStartObject();
    EntryJson.writeKey(json, change.key());
    Entry entry = change.entry().orElse(null);
    if (entry == null) {
      json.writeStringProperty("type", "delete");
      json.writeNumberProperty("revision", change.revision().number());
    } else {
      json.writeStringProperty("type", "put");
      EntryJson.writeMetadata(json, entry.metadata());
      if (withValue) {
        EntryJson.writeValue(json, entry.value());
      }
    }
    json.writeEndObject();
  }
}
