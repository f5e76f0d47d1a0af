package io.cloudraft.kvs.operator.api;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An etcd cluster, and the part of it that belongs to the store. */
@JsonInclude(Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonPropertyOrder({"endpoints", "keyPrefix", "tlsSecretName", "credentialsSecretName"})
@ValidationRule(
    value =
        "self.endpoints.all(e, e.startsWith('https://')) || !has(self.tlsSecretName) && self.endpoints.all(e,"
            + " e.startsWith('http://'))",
    messageExpression =
        "\"%s: "
            + EtcdSpec.ONE_SCHEME
            + "\".format([self.endpoints.map(e, "
            + EtcdSpec.WITHOUT_USER
            + ")])",
    message = EtcdSpec.ONE_SCHEME)
public record EtcdSpec(
    @JsonPropertyDescription(
            "URLs of its members, such as https://etcd-0.etcd:2379. Name all of them, so that the store goes on while"
                + " one is gone.")
        @Required
        @Size(min = 1, max = 16)
        @ValidationRule(
            value = EtcdSpec.OTHERS + " == []",
            messageExpression =
                "\"%s: " + EtcdSpec.URLS_NEEDED + "\".format([" + EtcdSpec.OTHERS + "])",
            message = EtcdSpec.URLS_NEEDED)
        List<@Size(max = 300) String> endpoints,
    @JsonPropertyDescription(
            "What all its keys in etcd begin with, at most 200 characters. Two stores of the same prefix are the same"
                + " store. Default: /kvs/NAMESPACE/NAME/.")
        @Size(min = 1, max = 200)
        @ValidationRule(
            value = "self.matches('^/([-a-zA-Z0-9_.]+/)+$')",
            message =
                "must begin and end with '/', such as /kvs/shop/, with letters, digits, '-', '_' and '.' between")
        @Nullable String keyPrefix,
    @JsonPropertyDescription(
            "Secret in the store's namespace: ca.crt, by which the members are known, and tls.crt and tls.key, by which"
                + " the store is, where they ask for that. When it changes, the store reads it anew without a restart."
                + " Default: none; with https:// the certificate authorities of the image.")
        @Size(min = 1, max = 253)
        @ValidationRule(value = Rules.IS_NAME, message = Rules.NAME_NEEDED)
        @Nullable String tlsSecretName,
    @JsonPropertyDescription(
            "Secret in the store's namespace with username and password of the etcd user, who may read and write under"
                + " keyPrefix. When it changes, the store reads it anew without a restart. Default: none, without"
                + " authentication.")
        @Size(min = 1, max = 253)
        @ValidationRule(value = Rules.IS_NAME, message = Rules.NAME_NEEDED)
        @Nullable String credentialsSecretName) {
  /** What stands before an @ may be a password. */
  static final String WITHOUT_USER = "e.substring(e.lastIndexOf('@') + 1)";

  static final String OTHERS =
      "self.map(e, !e.matches('^https?://[^/?#@, ]+:[0-9]{1,5}$'), " + WITHOUT_USER + ")";
  static final String URLS_NEEDED =
      "must be URLs of the form http://HOST:PORT or https://HOST:PORT, without a user or a path";
  static final String ONE_SCHEME =
      "endpoints must all begin with https://, or all with http:// and tlsSecretName must not be set";

  public EtcdSpec {
    requireNonNull(endpoints, "endpoints");
  }
}
