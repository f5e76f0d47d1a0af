package io.cloudraft.kvs.service.ops;

import io.cloudraft.kvs.service.store.KeyValueStore;
import io.cloudraft.kvs.service.store.StoreFailure;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.OptionalLong;

/** What any engine can say of itself. */
public final class StoreMetrics implements MeterBinder {
  private final KeyValueStore store;

  public StoreMetrics(KeyValueStore store) {
    this.store = store;
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    Gauge.builder("kvs.keys", store, StoreMetrics::keys)
        .description("Keys in the store, exactly, now or a little while ago")
        .register(registry);
    Gauge.builder("kvs.writable", store, s -> s.refusesWrites().isEmpty() ? 1 : 0)
        .description("1 while writes are accepted, 0 while they are not")
        .register(registry);
    Gauge.builder("kvs.disk.full", store, s -> refuses(s, StoreFailure.DiskFull.class))
        .description("1 while writes are refused because the disk is full")
        .register(registry);
    Gauge.builder("kvs.frozen", store, s -> refuses(s, StoreFailure.Frozen.class))
        .description("1 while writes are refused because the store is moved to another one")
        .register(registry);
  }

  private static double refuses(KeyValueStore store, Class<? extends StoreFailure> why) {
    return store.refusesWrites().filter(why::isInstance).isPresent() ? 1 : 0;
  }

  private static double keys(KeyValueStore store) {
    OptionalLong keys = store.recentCount();
    return keys.isPresent() ? keys.getAsLong() : Double.NaN;
  }
}
