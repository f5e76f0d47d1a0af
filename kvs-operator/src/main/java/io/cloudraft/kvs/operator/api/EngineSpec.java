package io.cloudraft.kvs.operator.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/** What keeps the data. */
@JsonInclude(Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonPropertyOrder({"type", "etcd"})
@ValidationRule(
    value = "has(self.etcd) == (self.type == 'Etcd')",
    messageExpression = "\"'%s': " + EngineSpec.ETCD_NEEDED + "\".format([self.type])",
    message = EngineSpec.ETCD_NEEDED)
public record EngineSpec(
    @JsonPropertyDescription(
            "RocksDB keeps the data on a volume of the store's own, which one pod serves. Etcd keeps it in an etcd"
                + " cluster that is there already, and any number of pods serve it. Changing it does not move the data:"
                + " it can only change while spec.replicas is 0.")
        @Required
        @Nullable Type type,
    @JsonPropertyDescription("The etcd cluster, for type: Etcd.") @Nullable EtcdSpec etcd) {
  static final String ETCD_NEEDED = "etcd must be set with type: Etcd, and only then";

  /** The engines that there are. */
  public enum Type {
    RocksDB,
    Etcd
  }
}
