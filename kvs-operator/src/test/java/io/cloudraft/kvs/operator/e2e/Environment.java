package io.cloudraft.kvs.operator.e2e;

import java.nio.file.Path;
import java.util.Optional;

/** What {@code dev/e2e} tells the tests of the cluster they run on. */
final class Environment {
  private Environment() {}

  /** HOST:PORT of the Ingress controller. */
  static String ingressAddress() {
    return required("KVS_E2E_INGRESS");
  }

  /** The registry folder that the cluster has the two images from. */
  static String images() {
    return required("KVS_E2E_IMAGES");
  }

  /** The command that Helm is. */
  static String helm() {
    return optional("KVS_E2E_HELM").orElse("helm");
  }

  /** An image with {@code sh}, {@code cat} and {@code sleep}, for the pod that kills. */
  static String busyboxImage() {
    return required("KVS_E2E_BUSYBOX");
  }

  /** The command that installs a Prometheus Operator into the cluster, where it has none yet. */
  static Optional<String> installPrometheus() {
    return optional("KVS_E2E_INSTALL_PROMETHEUS");
  }

  /** The command that installs an Argo CD that follows repositories of this machine. */
  static Optional<String> installArgoCd() {
    return optional("KVS_E2E_INSTALL_ARGOCD");
  }

  /** The command that installs the definitions of the Gateway API into the cluster. */
  static String installGatewayApi() {
    return required("KVS_E2E_INSTALL_GATEWAY_API");
  }

  /** The store's image under another name. */
  static String otherImage() {
    return required("KVS_E2E_OTHER_IMAGE");
  }

  /** The command that tells what kstatus makes of objects. */
  static String kstatus() {
    return required("KVS_E2E_KSTATUS");
  }

  /** Prometheus' {@code promtool}, once Prometheus is installed. */
  static Optional<String> promtool() {
    return optional("KVS_E2E_PROMTOOL");
  }

  /** The command that kills the API server and starts it again after a while, if there is one. */
  static Optional<String> crashApiServer() {
    return optional("KVS_E2E_CRASH_API_SERVER");
  }

  /** The audit log of the API server, in JSON lines, where it can be read. */
  static Optional<Path> auditLog() {
    return optional("KVS_E2E_AUDIT_LOG").map(Path::of);
  }

  private static String required(String variable) {
    return optional(variable)
        .orElseThrow(() -> new IllegalStateException(variable + " is not set: run dev/e2e"));
  }

  private static Optional<String> optional(String variable) {
    return Optional.ofNullable(System.getenv(variable)).filter(value -> !value.isEmpty());
  }
}
