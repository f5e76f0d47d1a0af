package io.cloudraft.kvs.operator.ops;

import io.javaoperatorsdk.operator.api.monitoring.Metrics;
import io.javaoperatorsdk.operator.monitoring.micrometer.MicrometerMetricsV2;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.function.BooleanSupplier;

/**
 * Figures about reconciling and about the JVM. None is kept for each KvStore: their number would
 * follow the cluster.
 */
public final class OperatorMetrics implements AutoCloseable {
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final JvmGcMetrics garbageCollection = new JvmGcMetrics();

  public OperatorMetrics() {
    garbageCollection.bindTo(registry);
    new JvmMemoryMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    new UptimeMetrics().bindTo(registry);
  }

  public PrometheusMeterRegistry registry() {
    return registry;
  }

  /** Which of several replicas it is that tends KvStores. */
  public void leading(BooleanSupplier isLeading) {
    Gauge.builder("kvs.operator.leading", () -> isLeading.getAsBoolean() ? 1 : 0)
        .description("1 for the replica that tends KvStores, 0 for one that stands by")
        .register(registry);
  }

  /** What the operator's library reports to. */
  public Metrics reconciling() {
    return MicrometerMetricsV2.newBuilder(registry).build();
  }

  @Override
  public void close() {
    garbageCollection.close();
    registry.close();
  }
}
