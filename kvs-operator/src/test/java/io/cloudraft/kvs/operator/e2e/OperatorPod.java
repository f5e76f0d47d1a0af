package io.cloudraft.kvs.operator.e2e;

import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.readiness.Readiness;
import java.time.Instant;
import java.util.List;

/** The operator's own pod, and what it says. */
final class OperatorPod {
  static final String NAMESPACE = "kvs-system";
  static final String NAME = "kvs-operator";

  private final KubernetesClient client;

  OperatorPod(KubernetesClient client) {
    this.client = client;
  }

  /** The one that is not being deleted. */
  Pod get() {
    return TestNamespace.pod(client, NAMESPACE, "app.kubernetes.io/name", NAME);
  }

  /** Also one that is on its way out. */
  boolean isThere() {
    return !everyOne().isEmpty();
  }

  /** All replicas that are not being deleted. */
  List<Pod> all() {
    return everyOne().stream()
        .filter(pod -> pod.getMetadata().getDeletionTimestamp() == null)
        .toList();
  }

  private List<Pod> everyOne() {
    return client
        .pods()
        .inNamespace(NAMESPACE)
        .withLabel("app.kubernetes.io/name", NAME)
        .list()
        .getItems();
  }

  ContainerStatus container() {
    return get().getStatus().getContainerStatuses().getFirst();
  }

  boolean isReady() {
    return Readiness.isPodReady(get());
  }

  void scale(int replicas) {
    client.apps().deployments().inNamespace(NAMESPACE).withName(NAME).scale(replicas);
  }

  void delete() {
    client.resource(get()).delete();
  }

  /** The lines since then, without their time. */
  List<String> saidSince(Instant start) {
    return client
        .pods()
        .inNamespace(NAMESPACE)
        .withName(get().getMetadata().getName())
        .sinceTime(start.toString())
        .getLog()
        .lines()
        .map(line -> line.substring(line.indexOf(' ') + 1))
        .toList();
  }
}
