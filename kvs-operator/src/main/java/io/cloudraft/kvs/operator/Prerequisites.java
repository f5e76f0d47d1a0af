package io.cloudraft.kvs.operator;

import io.cloudraft.kvs.operator.api.KvStore;
import io.cloudraft.kvs.operator.ops.Leadership;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What must be there before KvStores can be tended: an API server that answers, the definition, and
 * the rights to list what is watched. They may come in any order and later than the operator, so it
 * waits for them, and says for which.
 */
final class Prerequisites {
  private static final Logger log = LoggerFactory.getLogger(Prerequisites.class);

  private final KubernetesClient client;
  private final GrantedNamespaces namespaces;
  private final Optional<Leadership> leadership;
  private final Duration interval;
  private Set<String> granted = Set.of();
  private volatile String waitingFor = "The API server has yet to answer.";

  /**
   * Makes the list of what must be there.
   *
   * @param namespaces where KvStores are tended; of several, some suffice
   * @param leadership whose Lease must be readable, where there are several replicas
   * @param interval between two looks
   */
  Prerequisites(
      KubernetesClient client,
      GrantedNamespaces namespaces,
      Optional<Leadership> leadership,
      Duration interval) {
    this.client = client;
    this.namespaces = namespaces;
    this.leadership = leadership;
    this.interval = interval;
  }

  /** What keeps the operator from starting, as a sentence that says what to do. */
  String waitingFor() {
    return waitingFor;
  }

  /** Returns as soon as all is there, with the namespaces for which it is; empty means all. */
  Set<String> await() throws InterruptedException {
    for (var found = look(); found.isPresent(); found = look()) {
      if (!found.get().equals(waitingFor)) {
        waitingFor = found.get();
        log.warn("Waiting: {}", waitingFor);
      }
      Thread.sleep(interval);
    }
    waitingFor = "All is there; KvStores are being read.";
    return granted;
  }

  private Optional<String> look() {
    try {
      if (!client.supports(KvStore.class)) {
        return Optional.of(StartFailure.MISSING_DEFINITION);
      }
      granted = namespaces.look();
      leadership.ifPresent(this::readLease);
      return Optional.empty();
    } catch (KubernetesClientException e) {
      return Optional.of(StartFailure.sentence(e));
    }
  }

  private void readLease(Leadership lease) {
    var _ = client.leases().inNamespace(lease.namespace()).withName(Leadership.LEASE).get();
  }
}
