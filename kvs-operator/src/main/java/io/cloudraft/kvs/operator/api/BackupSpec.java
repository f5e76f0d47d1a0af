package io.cloudraft.kvs.operator.api;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;

/** Where backups are kept. Changing it restarts the store. */
@JsonIgnoreProperties(ignoreUnknown = true)
public record BackupSpec(
    @JsonPropertyDescription(
            "PersistentVolumeClaim in the store's namespace that backups are written to. It is yours: the operator"
                + " neither makes nor deletes it, and the store waits until it is there.")
        @Required
        @Size(min = 1, max = 253)
        @ValidationRule(value = Rules.IS_NAME, message = Rules.NAME_NEEDED)
        String claimName) {
  public BackupSpec {
    requireNonNull(claimName, "claimName");
  }
}
