package io.cloudraft.kvs.service.ops;

import io.cloudraft.kvs.service.store.KeyValueStore;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;

/** What any engine can say of itself. */
public final class StoreMetrics implements MeterBinder {
  private final KeyValueStore store;

  public StoreMetrics(KeyValueStore store) {
    this.store = store;
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    Gauge.builder("kvs.keys", store, KeyValueStore::count)
        .description("Keys in the store, exactly")
        .register(registry);
    Gauge.builder("kvs.writable", store, s -> s.refusesWrites().isEmpty() ? 1 : 0)
        .description("1 while writes are accepted, 0 when the store must be started again")
        .register(registry);
  }
}
