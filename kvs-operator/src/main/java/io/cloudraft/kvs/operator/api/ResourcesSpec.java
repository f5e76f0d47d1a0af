package io.cloudraft.kvs.operator.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** CPU and memory of the store's container, by resource name. Changing them restarts the store. */
@JsonInclude(Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
@ValidationRule(
    value =
        "!has(self.requests) || !has(self.limits) || dyn(self.requests) == null || dyn(self.limits) == null || "
            + ResourcesSpec.OVER
            + " == []",
    messageExpression =
        "\"%s: " + ResourcesSpec.OVER_REFUSED + "\".format([" + ResourcesSpec.OVER + "])",
    message = ResourcesSpec.OVER_REFUSED)
public record ResourcesSpec(
    @JsonPropertyDescription(
            "What the scheduler reserves. Default: cpu 100m (or the limit, where that is less), memory as its limit. A part"
                + " of a cpu is written 100m, or in quotes as '0.1'.")
        @Size(max = 8)
        @ValidationRule(
            value = Rules.ARE_QUANTITIES,
            messageExpression = Rules.QUANTITIES_SAID,
            message = Rules.QUANTITIES_NEEDED)
        @ValidationRule(
            value = Rules.NONE_NEGATIVE,
            messageExpression = Rules.NEGATIVE_SAID,
            message = Rules.NEGATIVE_REFUSED)
        @Nullable Map<String, Quantity> requests,
    @JsonPropertyDescription(
            "What the container may use at most. Default: memory as its request, or 512Mi; cpu unlimited. Memory"
                + " must be at least 128Mi. A part of a cpu is written 500m, or in quotes as '0.5'.")
        @Size(max = 8)
        @ValidationRule(
            value = Rules.ARE_QUANTITIES,
            messageExpression = Rules.QUANTITIES_SAID,
            message = Rules.QUANTITIES_NEEDED)
        @ValidationRule(
            value = Rules.NONE_NEGATIVE,
            messageExpression = Rules.NEGATIVE_SAID,
            message = Rules.NEGATIVE_REFUSED)
        @ValidationRule(
            value =
                "!('memory' in self) || !isQuantity(string(self['memory'])) ||"
                    + " quantity(string(self['memory'])).compareTo(quantity('128Mi')) >= 0",
            messageExpression =
                "\"'%s': " + ResourcesSpec.MEMORY_NEEDED + "\".format([self['memory']])",
            message = ResourcesSpec.MEMORY_NEEDED)
        @Nullable Map<String, Quantity> limits) {
  static final String OVER =
      "['cpu', 'memory'].map(name, name in self.requests && name in self.limits &&"
          + " isQuantity(string(self.requests[name])) && isQuantity(string(self.limits[name])) &&"
          + " quantity(string(self.requests[name])).isGreaterThan(quantity(string(self.limits[name]))),"
          + " '%s: %s > %s'.format([name, self.requests[name], self.limits[name]]))";
  static final String OVER_REFUSED =
      "a request must not be more than the limit of the same resource";
  static final String MEMORY_NEEDED =
      "memory must be at least 128Mi; a number without a unit counts bytes";
}
