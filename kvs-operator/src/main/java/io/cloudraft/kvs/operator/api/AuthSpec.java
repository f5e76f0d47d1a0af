package io.cloudraft.kvs.operator.api;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;

/** Who may do what with the store. */
@JsonIgnoreProperties(ignoreUnknown = true)
public record AuthSpec(
    @JsonPropertyDescription(
            "Secret in the store's namespace with bearer tokens, one in each line of its keys read-only and read-write."
                + " At least one of the two must be there. The store asks for one of them from then on. When the Secret"
                + " changes, the store reads it anew without a restart.")
        @Required
        @Size(min = 1, max = 253)
        @ValidationRule(value = Rules.IS_NAME, message = Rules.NAME_NEEDED)
        String tokensSecretName) {
  public AuthSpec {
    requireNonNull(tokensSecretName, "tokensSecretName");
  }
}
