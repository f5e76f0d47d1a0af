package io.cloudraft.kvs.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloudraft.kvs.operator.api.KvStore;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import io.fabric8.kubernetes.api.model.Service;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LeanObjectsTest {
  @Test
  void haveOnlyTheFieldsThatTheOperatorOwns() {
    assertIsLean(read("v1", Service.class));
    assertIsLean(read("kvs.cloudraft.io/v1", KvStore.class));
  }

  private static <T> T read(String apiVersion, Class<T> kind) {
    return LeanObjects.serialization()
        .unmarshal(
            """
      apiVersion: %s
      kind: %s
      metadata:
        name: demo
        labels: {team: shop}
        managedFields:
          - {manager: kvs-operator, operation: Apply, fieldsV1: {"f:spec": {"f:type": {}}}}
          - {manager: kube-controller-manager, operation: Update, fieldsV1: {"f:status": {}}}
      """
                .formatted(apiVersion, kind.getSimpleName()),
            kind);
  }

  private static void assertIsLean(HasMetadata object) {
    assertThat(object.getMetadata().getLabels()).containsEntry("team", "shop");
    assertThat(object.getMetadata().getManagedFields())
        .extracting(ManagedFieldsEntry::getManager)
        .containsExactly("kvs-operator");
    assertThat(ownedFields(object)).isEqualTo(Map.of("f:spec", Map.of("f:type", Map.of())));
  }

  @Test
  void shareWhichFieldsTheyAre() {
    assertThat(ownedFields(read("v1", Service.class)).get("f:spec"))
        .isSameAs(ownedFields(read("v1", Service.class)).get("f:spec"));
  }

  private static Map<String, Object> ownedFields(HasMetadata object) {
    return object
        .getMetadata()
        .getManagedFields()
        .getFirst()
        .getFieldsV1()
        .getAdditionalProperties();
  }

  @Test
  void mayHaveNone() {
    var service =
        LeanObjects.serialization()
            .unmarshal("apiVersion: v1\nkind: Service\nmetadata: {name: demo}\n", Service.class);

    assertThat(service.getMetadata().getManagedFields()).isEmpty();
  }
}
