package io.cloudraft.kvs.operator;

import io.cloudraft.kvs.operator.api.KvStore;
import io.cloudraft.kvs.operator.ops.Leadership;
import io.cloudraft.kvs.operator.ops.OperationsServer;
import io.cloudraft.kvs.operator.ops.OperatorMetrics;
import io.cloudraft.kvs.operator.resource.Children;
import io.cloudraft.kvs.operator.settings.OperatorSettings;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.javaoperatorsdk.operator.Operator;
import io.javaoperatorsdk.operator.api.config.Cloner;
import io.javaoperatorsdk.operator.api.config.ConfigurationServiceOverrider;
import io.javaoperatorsdk.operator.api.config.ControllerConfigurationOverrider;
import io.javaoperatorsdk.operator.processing.retry.GenericRetry;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Starts the operator, and stops it when the process is told to end. */
public final class OperatorMain {
  private static final Logger log = LoggerFactory.getLogger(OperatorMain.class);

  private static final Duration UNTIL_LOOKING_AGAIN = Duration.ofSeconds(3);

  /** Sooner than a probe, which sees that something is no longer watched, ends the process. */
  private static final Duration UNTIL_LOOKING_FOR_NAMESPACES = Duration.ofSeconds(10);

  /** A reconciliation takes a second at most; what is cut off is done at the next start. */
  private static final Duration TIME_TO_STOP = Duration.ofSeconds(5);

  private OperatorMain() {}

  public static void main(String[] arguments) {
    try {
      start(OperatorSettings.from(System.getenv()));
    } catch (Exception e) {
      var failure = StartFailure.of(e);
      log.error("{}", failure.getMessage(), failure.getCause());
      Runtime.getRuntime().halt(1);
    }
  }

  private static void start(OperatorSettings settings) throws IOException, InterruptedException {
    var client =
        new KubernetesClientBuilder()
            // Reconciliations are tried again anyway, and probes and people want to know why.
            .withConfig(new ConfigBuilder().withRequestRetryBackoffLimit(3).build())
            .withKubernetesSerialization(LeanObjects.serialization())
            .build();
    var leadership =
        settings.leaderElection()
            ? Optional.of(
                new Leadership(
                    client,
                    Objects.requireNonNullElse(System.getenv("HOSTNAME"), "kvs-operator"),
                    OperatorMain::endWhenAnotherMayLead))
            : Optional.<Leadership>empty();
    var namespaces = new GrantedNamespaces(client, settings.watchNamespaces());
    var prerequisites = new Prerequisites(client, namespaces, leadership, UNTIL_LOOKING_AGAIN);
    var metrics = new OperatorMetrics();
    leadership.ifPresent(lease -> metrics.leading(lease::isHeld));
    var operator =
        new Operator(
            configuration -> {
              configure(configuration, client);
              configuration
                  .withMetrics(metrics.reconciling())
                  // What was there a moment ago, by Prerequisites, is asked for again.
                  .withStopOnInformerErrorDuringStartup(false)
                  .withReconciliationTerminationTimeout(TIME_TO_STOP)
                  .withInformerStoppedHandler(OperatorMain::endWhenAWatchIsLost);
            });
    var runtime = operator.getRuntimeInfo();
    var server =
        new OperationsServer(
            settings.port(),
            () ->
                runtime.isStarted() && !runtime.allEventSourcesAreHealthy()
                    ? Optional.of("no longer watches all it should")
                    : Optional.empty(),
            () ->
                runtime.isStarted() || leadership.filter(Leadership::isStandingBy).isPresent()
                    ? Optional.empty()
                    : Optional.of(prerequisites.waitingFor()),
            metrics.registry());
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  server.close();
                  operator.stop();
                  leadership.ifPresent(Leadership::close);
                  log.info("stopped");
                  // It ended as it was told to; the JVM by itself would call that 143.
                  Runtime.getRuntime().halt(0);
                }));
    if (leadership.isPresent()) {
      prerequisites.await();
      leadership.get().await();
    }
    // Who stood by may have done so for long.
    var granted = prerequisites.await();
    var controller =
        operator.register(
            new KvStoreReconciler(
                settings,
                new Children(settings, client),
                new StoreEvents(client),
                new Secrets(client),
                InstantSource.system()),
            configuration -> configure(configuration, granted));
    operator.start();
    namespaces.follow(granted, UNTIL_LOOKING_FOR_NAMESPACES, controller::changeNamespaces);
    log.info(
        "kvs-operator {} tends KvStores in {}; a KvStore that names no image runs {}; probes and metrics on port {}",
        settings.version(),
        granted.isEmpty() ? "all namespaces" : granted,
        settings.serviceImage(),
        server.port());
  }

  /**
   * Without that watch changes would pass unseen; a new process has it again. What can be tried
   * again does not come here.
   */
  private static void endWhenAWatchIsLost(
      SharedIndexInformer<?> informer, @Nullable Throwable error) {
    if (error != null && informer.hasSynced()) {
      log.error(
          "The watch of {} broke for good; the process ends, to be started anew.",
          informer.getApiTypeClass().getSimpleName(),
          error);
      Runtime.getRuntime().halt(1);
    }
  }

  private static void endWhenAnotherMayLead() {
    log.error(
        "The lease could not be renewed in time, so another replica may tend the KvStores;"
            + " the process ends, to be started anew.");
    Runtime.getRuntime().halt(1);
  }

  static void configure(ConfigurationServiceOverrider configuration, KubernetesClient client) {
    configuration
        .withKubernetesClient(client)
        .withResourceCloner(new KeepsWhatIsUnreadable(client.getKubernetesSerialization()));
  }

  static void configure(
      ControllerConfigurationOverrider<KvStore> configuration, Set<String> namespaces) {
    configuration
        .withName("kvstore")
        .withFieldManager(Children.FIELD_MANAGER)
        // Two annotations count as well, and a status that is not the one that we know we wrote.
        .withGenerationAware(false)
        .withRetry(
            new GenericRetry()
                .withoutMaxAttempts()
                .setInitialInterval(Duration.ofSeconds(1))
                .setIntervalMultiplier(2)
                .setMaxInterval(Duration.ofSeconds(30).toMillis()));
    if (!namespaces.isEmpty()) {
      configuration.settingNamespaces(namespaces);
    }
  }

  /** Copies by way of JSON, but for KvStores. */
  private record KeepsWhatIsUnreadable(KubernetesSerialization json) implements Cloner {
    @Override
    @SuppressWarnings("unchecked")
    public <R extends HasMetadata> R clone(R object) {
      return object instanceof KvStore store ? (R) store.copy() : json.clone(object);
    }
  }
}
