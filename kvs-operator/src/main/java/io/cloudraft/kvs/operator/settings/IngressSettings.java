package io.cloudraft.kvs.operator.settings;

import static java.util.Collections.unmodifiableMap;

import io.cloudraft.kvs.operator.api.IngressSpec;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The Ingress of a store that has one.
 *
 * @param path below which it answers
 * @param className empty means the cluster's default class
 * @param tlsSecretName empty means plain http
 */
public record IngressSettings(
    String host,
    String path,
    Optional<String> className,
    Map<String, String> annotations,
    Optional<String> tlsSecretName) {

  private static final String ROOT = "/";

  public IngressSettings {
    annotations = unmodifiableMap(new TreeMap<>(annotations));
    HostName.check("spec.ingress.host", host);
  }

  static Optional<IngressSettings> from(
      @Nullable IngressSpec spec, ObjectMeta store, OperatorSettings operator) {
    if (spec == null) {
      return from(new IngressSpec(null, null, null, null, null, null), store, operator);
    }
    if (Boolean.FALSE.equals(spec.enabled())) {
      return Optional.empty();
    }
    return Optional.of(
        new IngressSettings(
            host(spec, store, operator),
            spec.path() == null ? ROOT : spec.path(),
            Optional.ofNullable(spec.className()),
            spec.annotations() == null ? Map.of() : spec.annotations(),
            Optional.ofNullable(spec.tlsSecretName())));
  }

  static String host(@Nullable IngressSpec spec, ObjectMeta store, OperatorSettings operator) {
    return spec == null || spec.host() == null
        ? "%s.%s.%s".formatted(store.getName(), store.getNamespace(), operator.ingressDomain())
        : spec.host();
  }

  /** Where a client outside of the cluster finds the store. */
  public String url() {
    return (tlsSecretName.isPresent() ? "https://" : "http://")
        + host
        + (path.equals(ROOT) ? "" : path);
  }
}
