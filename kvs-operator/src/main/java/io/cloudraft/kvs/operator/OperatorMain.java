package io.cloudraft.kvs.operator;

import io.cloudraft.kvs.operator.api.KvStore;
import io.cloudraft.kvs.operator.ops.OperationsServer;
import io.cloudraft.kvs.operator.ops.OperatorMetrics;
import io.cloudraft.kvs.operator.resource.Children;
import io.cloudraft.kvs.operator.settings.OperatorSettings;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.javaoperatorsdk.operator.Operator;
import io.javaoperatorsdk.operator.api.config.ControllerConfigurationOverrider;
import io.javaoperatorsdk.operator.processing.retry.GenericRetry;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Starts the operator, and stops it when the process is told to end. */
public final class OperatorMain {
  private static final Logger log = LoggerFactory.getLogger(OperatorMain.class);

  /** A reconciliation takes a second at most; what is cut off is done at the next start. */
  private static final Duration TIME_TO_STOP = Duration.ofSeconds(5);

  private OperatorMain() {}

  public static void main(String[] arguments) {
    try {
      start(OperatorSettings.from(System.getenv()));
    } catch (Exception e) {
      var failure = StartFailure.of(e);
      log.error("{}", failure.getMessage(), failure.getCause());
      System.exit(1);
    }
  }

  private static void start(OperatorSettings settings) throws IOException {
    var client = new KubernetesClientBuilder().build();
    if (!client.supports(KvStore.class)) {
      throw StartFailure.missingDefinition();
    }
    var metrics = new OperatorMetrics();
    var operator =
        new Operator(
            configuration ->
                configuration
                    .withKubernetesClient(client)
                    .withMetrics(metrics.reconciling())
                    .withReconciliationTerminationTimeout(TIME_TO_STOP));
    operator.register(
        new KvStoreReconciler(settings, new Children(settings, client), InstantSource.system()),
        configuration -> configure(configuration, settings));
    var runtime = operator.getRuntimeInfo();
    var server =
        new OperationsServer(
            settings.port(),
            () -> !runtime.isStarted() || runtime.allEventSourcesAreHealthy(),
            runtime::isStarted,
            metrics.registry());
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  operator.stop();
                  server.close();
                  metrics.close();
                  log.info("stopped");
                }));
    operator.start();
    log.info(
        "kvs-operator {} tends KvStores in {}; a KvStore that names no image runs {}; probes and metrics on port {}",
        settings.version(),
        settings.watchNamespaces().isEmpty() ? "all namespaces" : settings.watchNamespaces(),
        settings.serviceImage(),
        server.port());
  }

  static void configure(
      ControllerConfigurationOverrider<KvStore> configuration, OperatorSettings settings) {
    configuration
        .withName("kvstore")
        .withFieldManager(Children.FIELD_MANAGER)
        .withRetry(
            new GenericRetry()
                .withoutMaxAttempts()
                .setInitialInterval(Duration.ofSeconds(1))
                .setIntervalMultiplier(2)
                .setMaxInterval(Duration.ofSeconds(30).toMillis()));
    if (!settings.watchNamespaces().isEmpty()) {
      configuration.settingNamespaces(settings.watchNamespaces());
    }
  }
}
