package io.cloudraft.kvs.operator;

import static java.util.Objects.requireNonNullElse;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import com.fasterxml.jackson.databind.util.StdConverter;
import io.cloudraft.kvs.operator.resource.Children;
import io.fabric8.kubernetes.api.model.FieldsV1;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.lang.ref.WeakReference;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.WeakHashMap;
import java.util.stream.Collectors;

/**
 * Reads what the API server sends, and of who owns which fields only what the operator asks for.
 * That would be the larger part of all objects that are kept while they are watched: what others
 * own is left out, and what the operator owns, which is the same in nearly all objects of a kind,
 * is kept once.
 */
final class LeanObjects {
  private LeanObjects() {}

  static KubernetesSerialization serialization() {
    return new KubernetesSerialization(
        new ObjectMapper().addMixIn(ObjectMeta.class, OwnFields.class), true);
  }

  interface OwnFields {
    @JsonDeserialize(converter = OnlyOurs.class)
    void setManagedFields(List<ManagedFieldsEntry> fields);
  }

  private static final class OnlyOurs
      extends StdConverter<List<ManagedFieldsEntry>, List<ManagedFieldsEntry>> {
    @Override
    public List<ManagedFieldsEntry> convert(List<ManagedFieldsEntry> all) {
      var ours =
          requireNonNullElse(all, List.<ManagedFieldsEntry>of()).stream()
              .filter(entry -> Children.FIELD_MANAGER.equals(entry.getManager()))
              .toList();
      ours.stream()
          .flatMap(entry -> Optional.ofNullable(entry.getFieldsV1()).stream())
          .forEach(OnlyOurs::share);
      return ours;
    }

    private static void share(FieldsV1 fields) {
      fields.setAdditionalProperties(Shared.fields(fields.getAdditionalProperties()));
    }
  }

  /** Sets of fields that are in use; equal ones are the same object. */
  private static final class Shared {
    private static final Map<Object, WeakReference<Map<String, Object>>> known =
        Collections.synchronizedMap(new WeakHashMap<>());

    /** A set of fields: by the name of each, what is owned below it. */
    static Map<String, Object> fields(Map<?, ?> fields) {
      Map<String, Object> shared =
          fields.entrySet().stream()
              .collect(
                  Collectors.toUnmodifiableMap(
                      field -> field.getKey().toString().intern(),
                      field ->
                          field.getValue() instanceof Map<?, ?> below
                              ? fields(below)
                              : field.getValue()));
      var before = known.get(shared);
      var same = before == null ? null : before.get();
      if (same != null) {
        return same;
      }
      known.put(shared, new WeakReference<>(shared));
      return shared;
    }
  }
}
