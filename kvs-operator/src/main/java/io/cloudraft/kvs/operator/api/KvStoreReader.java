package io.cloudraft.kvs.operator.api;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonMappingException.Reference;
import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Reads whatever a cluster may have stored as a KvStore. A definition of another release may have
 * let through what the one of this release would refuse; and what cannot be read would end the
 * watch of all KvStores.
 */
final class KvStoreReader extends JsonDeserializer<KvStore> {

  @Override
  public KvStore deserialize(JsonParser parser, DeserializationContext context) throws IOException {
    var stored = context.readTree(parser);
    var store = new KvStore();
    if (stored.hasNonNull("metadata")) {
      store.setMetadata(context.readTreeAsValue(stored.get("metadata"), ObjectMeta.class));
    }
    try {
      store.setSpec(read(stored.get("spec"), KvStoreSpec.class, context));
    } catch (JsonMappingException e) {
      store.setUnreadable(field(stored.path("spec"), e));
    }
    try {
      store.setStatus(read(stored.get("status"), KvStoreStatus.class, context));
    } catch (JsonMappingException _) {
      store.setStatus(null); // It is ours, and written anew.
    }
    return store;
  }

  private static <T> @Nullable T read(
      @Nullable JsonNode value, Class<T> type, DeserializationContext context) throws IOException {
    return value == null || value.isNull() ? null : context.readTreeAsValue(value, type);
  }

  private static UnreadableField field(JsonNode value, JsonMappingException e) {
    var path = new StringBuilder("spec");
    for (Reference reference : e.getPath()) {
      if (reference.getFieldName() == null) {
        path.append('[').append(reference.getIndex()).append(']');
        value = value.path(reference.getIndex());
      } else {
        path.append('.').append(reference.getFieldName());
        value = value.path(reference.getFieldName());
      }
    }
    return new UnreadableField(path.toString(), value.toString());
  }
}
