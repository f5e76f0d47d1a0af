package io.cloudraft.kvs.operator.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import org.jspecify.annotations.Nullable;

/** Largest key and value that the store takes. Changing a limit restarts the store. */
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
                + " 413.")
        @Min(1)
        @Max(16777216)
        @Nullable Integer maxValueBytes) {}
