package io.cloudraft.kvs.operator.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import org.jspecify.annotations.Nullable;

/** What the store takes at most. Changing a limit restarts the store. */
@JsonInclude(Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record LimitsSpec(
    @JsonPropertyDescription(
            "Largest key in bytes of UTF-8, 1 to 8192. Default: 1024. Longer keys are answered with 414 or 400.")
        @Min(1)
        @Max(8192)
        @Nullable Integer maxKeyBytes,
    @JsonPropertyDescription(
            "Largest value in bytes, 1 to 16777216 (16Mi). Default: 1048576 (1Mi). Larger values are answered with"
                + " 413. With the engine Etcd it must fit into a request: at most 1566720, and less with a larger"
                + " maxKeyBytes, unless KVS_ETCD_MAX_REQUEST_BYTES in spec.podTemplate.env allows more, as etcd then must.")
        @Min(1)
        @Max(16777216)
        @Nullable Integer maxValueBytes,
    @JsonPropertyDescription(
            "Most watches at once, 0 to 100000. Default: 10000, and fewer where they do not fit into half of the heap."
                + " More are answered with 429.")
        @Min(0)
        @Max(100000)
        @Nullable Integer maxWatches,
    @JsonPropertyDescription(
            "Most requests a second of all clients of a pod together, 1 to 1000000. Default: no limit. More are answered"
                + " with 429.")
        @Min(1)
        @Max(1000000)
        @Nullable Integer maxRequestsPerSecond) {}
