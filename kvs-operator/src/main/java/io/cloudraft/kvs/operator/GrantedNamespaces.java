package io.cloudraft.kvs.operator;

import io.cloudraft.kvs.operator.api.KvStore;
import io.cloudraft.kvs.operator.resource.Children;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ListOptions;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where the operator has the rights to list what it watches. Of several namespaces each has rights
 * of its own, which go with it: those that are left are tended all the same.
 */
final class GrantedNamespaces {
  private static final Logger log = LoggerFactory.getLogger(GrantedNamespaces.class);
  private static final ListOptions AT_MOST_ONE = new ListOptionsBuilder().withLimit(1L).build();

  private final KubernetesClient client;
  private final Set<String> wanted;
  private Set<String> refused = Set.of();

  /**
   * @param wanted where KvStores are to be tended; empty means everywhere
   */
  GrantedNamespaces(KubernetesClient client, Set<String> wanted) {
    this.client = client;
    this.wanted = wanted;
  }

  /**
   * Those of the wanted ones where KvStores can be tended now; empty means everywhere.
   *
   * @throws KubernetesClientException if there is none, or the API server cannot be asked
   */
  synchronized Set<String> look() {
    if (wanted.isEmpty()) {
      list(KvStore.class);
      Children.KINDS.forEach(this::list);
      return Set.of();
    }
    Set<String> granted = new TreeSet<>();
    Map<String, KubernetesClientException> refusals = new TreeMap<>();
    for (String namespace : wanted) {
      try {
        list(KvStore.class, namespace);
        Children.KINDS.forEach(kind -> list(kind, namespace));
        granted.add(namespace);
      } catch (KubernetesClientException e) {
        if (e.getCode() != HttpURLConnection.HTTP_FORBIDDEN) {
          throw e;
        }
        refusals.put(namespace, e);
      }
    }
    if (granted.isEmpty()) {
      throw refusals.values().iterator().next();
    }
    tell(refusals);
    return granted;
  }

  private void tell(Map<String, KubernetesClientException> refusals) {
    refusals.forEach(
        (namespace, e) -> {
          if (!refused.contains(namespace)) {
            log.warn(
                "KvStores in the namespace {} are not tended until there are rights for it; those in others are. {}",
                namespace,
                StartFailure.sentence(e));
          }
        });
    refused = Set.copyOf(refusals.keySet());
  }

  /**
   * Looks again from time to time, and tells of every change.
   *
   * @param known what was granted before
   */
  void follow(Set<String> known, Duration interval, Consumer<Set<String>> whenChanged) {
    if (wanted.size() < 2) {
      return;
    }
    var follower = new Follower(known, whenChanged);
    var _ =
        Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().daemon().name("granted-namespaces").factory())
            .scheduleWithFixedDelay(
                follower, interval.toMillis(), interval.toMillis(), TimeUnit.MILLISECONDS);
  }

  private final class Follower implements Runnable {
    private final Consumer<Set<String>> whenChanged;
    private Set<String> known;

    private Follower(Set<String> known, Consumer<Set<String>> whenChanged) {
      this.known = known;
      this.whenChanged = whenChanged;
    }

    @Override
    public void run() {
      try {
        Set<String> granted = look();
        if (!granted.equals(known)) {
          whenChanged.accept(granted);
          known = granted;
          log.info("KvStores are tended in {}", granted);
        }
      } catch (KubernetesClientException e) {
        // It is asked again; and where nothing can be watched any more, probes say so.
        log.debug("Cannot ask where there are rights", e);
      } catch (RuntimeException e) {
        log.warn("Other namespaces cannot be tended; it is tried again", e);
      }
    }
  }

  private void list(Class<? extends HasMetadata> kind) {
    var _ = client.resources(kind).inAnyNamespace().list(AT_MOST_ONE);
  }

  private void list(Class<? extends HasMetadata> kind, String namespace) {
    var _ = client.resources(kind).inNamespace(namespace).list(AT_MOST_ONE);
  }
}
