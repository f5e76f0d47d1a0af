package io.cloudraft.kvs.operator.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/** Changes that are kept for watches to start from. Changing it restarts the store. */
@JsonInclude(Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonPropertyOrder({"size", "seconds"})
public record HistorySpec(
    @JsonPropertyDescription(
            "Room for changes on the volume, 1Mi to 1Ti. Default: 64Mi. The oldest go first.")
        @ValidationRule(
            value = "isQuantity(self)",
            message = "must be a quantity such as 1Gi or 500Mi")
        @ValidationRule(
            value =
                "!isQuantity(self) || (quantity(self).compareTo(quantity('1Mi')) >= 0 &&"
                    + " quantity(self).compareTo(quantity('1Ti')) <= 0)",
            message = "must be from 1Mi to 1Ti; a number without a unit counts bytes")
        @Size(max = 32)
        @Nullable String size,
    @JsonPropertyDescription(
            "For how many seconds a change is kept, 1 to 31622400 (a year). Default: 3600 (an hour). Whichever of the"
                + " two is reached first.")
        @Min(1)
        @Max(31622400)
        @Nullable Integer seconds) {}
