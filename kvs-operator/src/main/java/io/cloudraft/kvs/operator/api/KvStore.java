package io.cloudraft.kvs.operator.api;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Version;
import java.util.Optional;

/** A key-value store. {@code spec: {}} is a working one; spec and status are null when absent. */
@Group("kvs.cloudraft.io")
@Version("v1")
@ShortNames("kvs")
@ValidationRule(
    value =
        "self.metadata.name.size() <= 63 && self.metadata.name.matches('^[a-z]([-a-z0-9]*[a-z0-9])?$')",
    messageExpression = "\"'%s': " + KvStore.NAME_NEEDED + "\".format([self.metadata.name])",
    message = KvStore.NAME_NEEDED)
// Only what the claim really has counts: a growth that the storage class refused can be taken back,
// and a class that is not the one of a claim from before can be corrected.
@ValidationRule(
    value =
        "!has(self.status) || !has(self.status.storage) || "
            + KvStore.SIZE
            + " == "
            + KvStore.OLD_SIZE
            + " || quantity("
            + KvStore.SIZE
            + ").compareTo(quantity(self.status.storage)) >= 0",
    messageExpression =
        "\"'%s': spec.storage.size must not be less than the %s that the claim %s-data already has: volumes cannot"
            + " shrink\".format(["
            + KvStore.SIZE
            + ", self.status.storage, self.metadata.name])",
    message = "spec.storage.size must not shrink: volumes cannot shrink")
@ValidationRule(
    value =
        "!has(self.status) || !has(self.status.storage) || "
            + KvStore.CLASS
            + " == "
            + KvStore.OLD_CLASS
            + " || (has(self.status.storageClass) && "
            + KvStore.CLASS
            + " == self.status.storageClass)",
    messageExpression =
        "\"from '%s' to '%s': spec.storage.storageClassName cannot change while the claim %s-data holds the data:"
            + " a volume keeps the class it was made with. Make a store of another name and copy the keys\".format(["
            + KvStore.OLD_CLASS
            + ", "
            + KvStore.CLASS
            + ", self.metadata.name])",
    message =
        "spec.storage.storageClassName cannot change: a volume keeps the class it was made with")
@ValidationRule(
    value =
        KvStore.ENGINE
            + " == "
            + KvStore.OLD_ENGINE
            + " || (has(oldSelf.spec) && dyn(oldSelf.spec) != null && has(oldSelf.spec.replicas)"
            + " && oldSelf.spec.replicas == 0)",
    messageExpression =
        "\"from '%s' to '%s': "
            + KvStore.STOP_NEEDED
            + "\".format(["
            + KvStore.OLD_ENGINE
            + ", "
            + KvStore.ENGINE
            + "])",
    message = KvStore.STOP_NEEDED)
@AdditionalPrinterColumn(
    name = "READY",
    jsonPath = ".status.conditions[?(@.type==\"Ready\")].status",
    getDescription = "Whether the store of this generation answers")
@AdditionalPrinterColumn(
    name = "URL",
    jsonPath = ".status.url",
    getDescription = "Where the store answers")
@AdditionalPrinterColumn(
    name = "AGE",
    jsonPath = ".metadata.creationTimestamp",
    type = AdditionalPrinterColumn.Type.DATE)
@AdditionalPrinterColumn(
    name = "STORAGE",
    jsonPath = ".status.storage",
    priority = 1,
    getDescription = "Size that the volume claim asks for")
@AdditionalPrinterColumn(
    name = "REASON",
    jsonPath = ".status.conditions[?(@.type==\"Ready\")].reason",
    priority = 1,
    getDescription = "Why the store is ready or not")
@AdditionalPrinterColumn(
    name = "MESSAGE",
    jsonPath = ".status.conditions[?(@.type==\"Ready\")].message",
    priority = 1,
    getDescription = "The same as a sentence")
@JsonDeserialize(using = KvStoreReader.class)
public class KvStore extends CustomResource<KvStoreSpec, KvStoreStatus> implements Namespaced {
  static final String NAME_NEEDED =
      "metadata.name becomes the name of a Service and a part of the host name, so it must be at most 63 characters"
          + " of a-z, 0-9 and '-', start with a letter and end with a letter or digit";
  static final String STOP_NEEDED =
      "spec.engine.type can only change while spec.replicas is 0: the data does not move by itself. docs/engines.md"
          + " tells how to move it";

  // Spelled out with has(): the API server charges optional selection (.?) as if values were
  // unbounded.
  static final String SIZE =
      "(has(self.spec) && dyn(self.spec) != null && has(self.spec.storage) && dyn(self.spec.storage) != null"
          + " && has(self.spec.storage.size) ? self.spec.storage.size : '1Gi')";
  static final String OLD_SIZE =
      "(has(oldSelf.spec) && dyn(oldSelf.spec) != null && has(oldSelf.spec.storage) && dyn(oldSelf.spec.storage) != null"
          + " && has(oldSelf.spec.storage.size) ? oldSelf.spec.storage.size : '1Gi')";
  static final String CLASS =
      "(has(self.spec) && dyn(self.spec) != null && has(self.spec.storage) && dyn(self.spec.storage) != null"
          + " && has(self.spec.storage.storageClassName) ? self.spec.storage.storageClassName : '')";
  static final String OLD_CLASS =
      "(has(oldSelf.spec) && dyn(oldSelf.spec) != null && has(oldSelf.spec.storage) && dyn(oldSelf.spec.storage) != null"
          + " && has(oldSelf.spec.storage.storageClassName) ? oldSelf.spec.storage.storageClassName : '')";

  static final String ENGINE =
      "(has(self.spec) && dyn(self.spec) != null && has(self.spec.engine) && dyn(self.spec.engine) != null"
          + " ? self.spec.engine.type : 'RocksDB')";
  static final String OLD_ENGINE =
      "(has(oldSelf.spec) && dyn(oldSelf.spec) != null && has(oldSelf.spec.engine) && dyn(oldSelf.spec.engine) != null"
          + " ? oldSelf.spec.engine.type : 'RocksDB')";

  @JsonIgnore private Optional<UnreadableField> unreadable = Optional.empty();

  /** What of the spec cannot be read; there is no spec then. */
  public Optional<UnreadableField> unreadable() {
    return unreadable;
  }

  void setUnreadable(UnreadableField field) {
    unreadable = Optional.of(field);
  }

  /** Equal to this one, also in what JSON does not carry; its metadata may be changed. */
  public KvStore copy() {
    var copy = new KvStore();
    copy.setMetadata(new ObjectMetaBuilder(getMetadata()).build());
    copy.setSpec(getSpec());
    copy.setStatus(getStatus());
    copy.unreadable = unreadable;
    return copy;
  }
}
