package io.cloudraft.kvs.operator.resource;

import io.cloudraft.kvs.operator.api.KvStore;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.dependent.DependentResource;
import io.javaoperatorsdk.operator.processing.dependent.workflow.Condition;
import io.javaoperatorsdk.operator.processing.event.Event;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.AbstractEventSource;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A kind that not every cluster has. It may be installed or removed at any time, so the API
 * server's discovery, which everybody may read, is asked again and again; when the answer changes,
 * every KvStore is reconciled.
 *
 * <p>The library's own condition for this stops asking after ten checks.
 */
final class OptionalKind<R extends HasMetadata> extends AbstractEventSource<Boolean, KvStore>
    implements Condition<R, KvStore> {
  private static final Logger log = LoggerFactory.getLogger(OptionalKind.class);
  private static final Duration INTERVAL = Duration.ofSeconds(10);

  private final Class<R> kind;
  private final KubernetesClient client;
  private Supplier<Stream<ResourceID>> stores = Stream::empty;
  private Optional<ScheduledExecutorService> clock = Optional.empty();
  private volatile boolean installed;

  OptionalKind(Class<R> kind, KubernetesClient client) {
    super(Boolean.class, "is-installed-" + HasMetadata.getFullResourceName(kind));
    this.kind = kind;
    this.client = client;
  }

  OptionalKind<R> tell(EventSourceContext<KvStore> context) {
    stores = context.getPrimaryCache()::keys;
    return this;
  }

  boolean isInstalled() {
    return installed;
  }

  @Override
  public boolean isMet(
      DependentResource<R, KvStore> child, KvStore store, Context<KvStore> context) {
    return installed;
  }

  @Override
  public synchronized void start() {
    if (isRunning()) {
      return;
    }
    super.start();
    look();
    var thread =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name(name()).factory());
    var _ =
        thread.scheduleWithFixedDelay(
            this::lookAgain, INTERVAL.toMillis(), INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
    clock = Optional.of(thread);
  }

  @Override
  public synchronized void stop() {
    super.stop();
    clock.ifPresent(ScheduledExecutorService::shutdownNow);
    clock = Optional.empty();
  }

  private void lookAgain() {
    var before = installed;
    look();
    if (installed != before) {
      log.info("{} {}", kind.getSimpleName(), installed ? "was installed" : "was removed");
      stores.get().forEach(store -> getEventHandler().handleEvent(new Event(store)));
    }
  }

  /** An API server that cannot be asked has not changed its mind. */
  private void look() {
    try {
      installed = client.supports(kind);
    } catch (KubernetesClientException e) {
      log.debug("Cannot ask whether {} is installed", kind.getSimpleName(), e);
    }
  }

  @Override
  public Set<Boolean> getSecondaryResources(KvStore store) {
    return Set.of();
  }
}
