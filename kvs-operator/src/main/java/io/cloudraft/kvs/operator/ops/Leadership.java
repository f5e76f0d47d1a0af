package io.cloudraft.kvs.operator.ops;

import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderElectionConfig;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderElector;
import io.fabric8.kubernetes.client.extended.leaderelection.resourcelock.LeaseLock;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Of several replicas one at a time tends KvStores: the holder of a Lease. It renews the Lease
 * every second. One that cannot do so gives up well before the Lease ends and another may take it;
 * one that is told to stop releases it, so that another need not wait for the end.
 */
public final class Leadership implements AutoCloseable {
  public static final String LEASE = "kvs-operator";

  private static final Logger log = LoggerFactory.getLogger(Leadership.class);

  private static final Duration LEASE_DURATION = Duration.ofSeconds(15);
  private static final Duration RETRY_PERIOD = Duration.ofSeconds(1);

  /** A renewal is two requests, so the last that may succeed ends before the Lease does. */
  private static final Duration RENEW_DEADLINE = Duration.ofSeconds(8);

  private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(2);

  private final KubernetesClient client;
  private final ExecutorService threads =
      Executors.newCachedThreadPool(Thread.ofPlatform().daemon().name("lease-", 0).factory());
  private final LeaderElector elector;
  private final String namespace;
  private final Runnable lost;
  private final CountDownLatch held = new CountDownLatch(1);
  private volatile boolean leading;
  private volatile boolean waiting;
  private volatile boolean closing;
  private Optional<CompletableFuture<?>> election = Optional.empty();

  /**
   * Takes part in nothing yet.
   *
   * @param operator the client of the operator; the Lease is in its own namespace
   * @param replica the name of this one, to be read in the Lease
   * @param lost what to do when another may tend the KvStores from now on
   */
  public Leadership(KubernetesClient operator, String replica, Runnable lost) {
    this.lost = lost;
    namespace = operator.getConfiguration().getNamespace();
    client =
        new KubernetesClientBuilder()
            .withConfig(
                new ConfigBuilder(operator.getConfiguration())
                    .withRequestTimeout((int) REQUEST_TIMEOUT.toMillis())
                    .withConnectionTimeout((int) REQUEST_TIMEOUT.toMillis())
                    .withRequestRetryBackoffLimit(0)
                    .build())
            .build();
    // A process that was killed and started again is another one: it must not take its
    // predecessor's word for its own.
    var identity = replica + "_" + UUID.randomUUID();
    elector =
        new LeaderElector(
            client,
            new LeaderElectionConfig(
                new LeaseLock(namespace, LEASE, identity),
                LEASE_DURATION,
                RENEW_DEADLINE,
                RETRY_PERIOD,
                new LeaderCallbacks(this::gained, this::end, this::told),
                true,
                LEASE),
            threads);
  }

  /** The namespace that the Lease is in. */
  public String namespace() {
    return namespace;
  }

  /** Returns as soon as this replica holds the Lease. */
  public void await() throws InterruptedException {
    waiting = true;
    synchronized (this) {
      election = Optional.of(elector.start());
    }
    held.await();
  }

  /** Whether this replica tends the KvStores. */
  public boolean isHeld() {
    return leading;
  }

  /** Whether this replica would tend them if the one that does were gone. */
  public boolean isStandingBy() {
    return waiting && !leading;
  }

  private void gained() {
    leading = true;
    held.countDown();
  }

  private void told(@Nullable String leader) {
    if (!leading && leader != null && !leader.isEmpty()) {
      log.info("{} holds the lease {}/{}", leader, namespace, LEASE);
    }
  }

  private void end() {
    leading = false;
    if (!closing) {
      lost.run();
    }
  }

  /** Lets another replica take over at once. */
  @Override
  public synchronized void close() {
    closing = true;
    election.ifPresent(running -> running.cancel(true));
    threads.shutdownNow();
    client.close();
  }
}
