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

/** How the store is reached from outside of the cluster. */
@JsonInclude(Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonPropertyOrder({"enabled", "host", "path", "className", "annotations", "tlsSecretName"})
public record IngressSpec(
    @JsonPropertyDescription(
            "Whether there is an Ingress. Default: true. Without one the store answers inside of the cluster only.")
        @Nullable Boolean enabled,
    @JsonPropertyDescription(
            "Host name that the Ingress answers to. Default: NAME.NAMESPACE.DOMAIN, where DOMAIN is the operator's"
                + " setting KVS_INGRESS_DOMAIN (kvs.localhost unless set).")
        @Size(min = 1, max = 253)
        @ValidationRule(value = Rules.IS_NAME, message = Rules.HOST_NEEDED)
        @Nullable String host,
    @JsonPropertyDescription(
            "Path below which the Ingress answers. Default: /. The store itself answers at /, so the controller is to take"
                + " the path away: see its annotations for rewriting.")
        @Size(min = 1, max = 256)
        @ValidationRule(
            value = "self == '/' || self.matches('^(/[-a-zA-Z0-9_.~]+)+$')",
            message =
                "must begin with '/' and not end with it, such as /shop/store, with letters, digits, '-', '_', '.' and"
                    + " '~' between")
        @Nullable String path,
    @JsonPropertyDescription("IngressClass that serves it. Default: the cluster's default class.")
        @Size(min = 1, max = 253)
        @ValidationRule(value = Rules.IS_NAME, message = Rules.NAME_NEEDED)
        @Nullable String className,
    @JsonPropertyDescription(
            "Annotations of the Ingress, for what its controller offers. Default: none. Annotations that others add"
                + " to the Ingress stay.")
        @Size(max = 64)
        @Nullable Map<String, String> annotations,
    @JsonPropertyDescription(
            "Secret of type kubernetes.io/tls in the store's namespace, by which the Ingress answers https. Default:"
                + " none, plain http.")
        @Size(min = 1, max = 253)
        @ValidationRule(value = Rules.IS_NAME, message = Rules.NAME_NEEDED)
        @Nullable String tlsSecretName) {}
