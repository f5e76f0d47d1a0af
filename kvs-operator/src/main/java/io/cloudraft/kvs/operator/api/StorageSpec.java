package io.cloudraft.kvs.operator.api;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonFormat.Feature;
import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/** The volume that holds the data, claimed under the name {@code NAME-data}. */
@JsonInclude(Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonPropertyOrder({"size", "storageClassName", "deletionPolicy"})
public record StorageSpec(
    @JsonPropertyDescription(
            "Size of the volume, at least 64Mi. Default: 1Gi. A larger one resizes the claim where its storage class"
                + " allows that; a smaller one is refused once the claim is bound.")
        @ValidationRule(
            value = "isQuantity(self)",
            message = "must be a quantity such as 1Gi or 500Mi")
        @ValidationRule(
            value = "!isQuantity(self) || quantity(self).compareTo(quantity('64Mi')) >= 0",
            message = "must be at least 64Mi; a number without a unit counts bytes")
        @Size(max = 32)
        @Nullable String size,
    @JsonPropertyDescription(
            "StorageClass of the volume. Default: the cluster's default class. Cannot change once the claim is"
                + " bound, but to that of the claim.")
        @Size(max = 253)
        @ValidationRule(value = "self == '' || " + Rules.IS_NAME, message = Rules.NAME_NEEDED)
        @Nullable String storageClassName,
    @JsonPropertyDescription(
            "What happens to the claim when the KvStore is deleted. Retain keeps it, and a KvStore of the same name"
                + " takes it up again; Delete deletes it and the data. Default: Retain. May change at any time; what counts is who owns the claim when the KvStore goes.")
        @JsonFormat(with = Feature.READ_UNKNOWN_ENUM_VALUES_AS_NULL)
        @Nullable DeletionPolicy deletionPolicy) {

  /** What happens to the claim when the KvStore is deleted. */
  public enum DeletionPolicy {
    Retain,
    Delete
  }
}
