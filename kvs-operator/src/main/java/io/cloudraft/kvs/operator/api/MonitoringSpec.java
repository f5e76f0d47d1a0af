package io.cloudraft.kvs.operator.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How Prometheus finds the store and warns of it. */
@JsonInclude(Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonPropertyOrder({"enabled", "labels", "interval", "alerts"})
public record MonitoringSpec(
    @JsonPropertyDescription(
            "Whether there is a ServiceMonitor and a PrometheusRule, in clusters that have those kinds. Default: true.")
        @Nullable Boolean enabled,
    @JsonPropertyDescription(
            "Labels of the ServiceMonitor and of the PrometheusRule: those that your Prometheus selects by (its"
                + " serviceMonitorSelector and ruleSelector), often 'release'. Default: none.")
        @Size(max = 32)
        @ValidationRule(
            value = Rules.ARE_NOT_OURS,
            messageExpression = Rules.OURS_SAID,
            message = Rules.OURS_TAKEN)
        @ValidationRule(
            value = Rules.ARE_LABEL_VALUES,
            messageExpression = Rules.LABEL_VALUES_SAID,
            message = Rules.LABEL_VALUES_NEEDED)
        @Nullable Map<String, @Size(max = 63) String> labels,
    @JsonPropertyDescription(
            "How often Prometheus asks for metrics, such as 30s or 1m. Default: what the Prometheus is set to.")
        @Size(min = 1, max = 32)
        @ValidationRule(
            value =
                "self.matches('^([0-9]+y)?([0-9]+w)?([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?$')",
            message = "must be a Prometheus duration such as 30s, 1m or 1m30s")
        @Nullable String interval,
    @JsonPropertyDescription(
            "Whether there is a PrometheusRule with alerts about the store. Default: true. The same alerts about all stores"
                + " at once are in config/prometheus.")
        @Nullable Boolean alerts) {}
