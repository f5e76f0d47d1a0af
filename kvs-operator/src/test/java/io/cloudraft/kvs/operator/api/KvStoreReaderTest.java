package io.cloudraft.kvs.operator.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloudraft.kvs.operator.Stores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a looser definition may have let through. */
class KvStoreReaderTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {replicas: three}                  | spec.replicas            | "three"
          {replicas: {count: 1}}             | spec.replicas            | {"count":1}
          {replicas: 99999999999}            | spec.replicas            | 99999999999
          {storage: [1Gi]}                   | spec.storage             | ["1Gi"]
          {storage: {size: {of: 1Gi}}}       | spec.storage.size        | {"of":"1Gi"}
          {limits: {maxKeyBytes: much}}      | spec.limits.maxKeyBytes  | "much"
          {resources: {limits: {cpu: [1]}}}  | spec.resources.limits.cpu| [1]
          {imagePullSecrets: [{}]}           | spec.imagePullSecrets[0] | {}
          {imagePullSecrets: {name: a}}      | spec.imagePullSecrets    | {"name":"a"}
          {ingress: {enabled: perhaps}}      | spec.ingress.enabled     | "perhaps"
          {engine: {type: Abacus}}           | spec.engine.type         | "Abacus"
          all of it                          | spec                     | "all of it"
          """)
  void namesTheFieldThatItCannotRead(String spec, String path, String value) {
    var store = Stores.with(spec);

    assertThat(store.unreadable()).contains(new UnreadableField(path, value));
    assertThat(store.getSpec()).isNull();
    assertThat(store.getMetadata().getName()).isEqualTo("demo");
  }

  @Test
  void takesAnUnknownFieldAndAnUnknownChoiceForAbsent() {
    var store = Stores.with("{beads: {rods: 7}, storage: {deletionPolicy: Keep}}");

    assertThat(store.unreadable()).isEmpty();
    assertThat(Stores.settings("{storage: {deletionPolicy: Keep}}").storage().deletionPolicy())
        .isEqualTo(StorageSpec.DeletionPolicy.Retain);
  }

  @Test
  void takesAStatusThatItCannotReadForAbsent() {
    var store = Stores.with("{}\nstatus: {conditions: [{reason: NoType}]}");

    assertThat(store.getStatus()).isNull();
    assertThat(store.getSpec()).isNotNull();
  }

  @Test
  void keepsWhatIsUnreadableInACopyWhoseMetadataIsItsOwn() {
    var store = Stores.with("{replicas: three}");
    var copy = store.copy();
    copy.getMetadata().setName("other");

    assertThat(copy.unreadable()).isEqualTo(store.unreadable());
    assertThat(store.getMetadata().getName()).isEqualTo("demo");
  }
}
