package io.cloudraft.kvs.service.engine.rocksdb;

import io.cloudraft.kvs.service.store.Backups;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How many backups there are, and how old the newest is: what an alert asks for. */
final class BackupMetrics {
  private static final Logger log = LoggerFactory.getLogger(BackupMetrics.class);

  private volatile double backups = Double.NaN;
  private volatile double lastSuccess = Double.NaN;

  BackupMetrics(MeterRegistry registry) {
    Gauge.builder("kvs.backups", this, m -> m.backups)
        .description("Backups that can be listed")
        .register(registry);
    Gauge.builder("kvs.backup.last.success.timestamp", this, m -> m.lastSuccess)
        .description("When the newest backup was begun; 0 where there is none")
        .baseUnit("seconds")
        .register(registry);
  }

  void show(Backups.Listing listing) {
    backups = listing.backups().size();
    lastSuccess =
        listing.backups().isEmpty() ? 0 : listing.backups().getLast().time().getEpochSecond();
  }

  void showUnknown(Path directory, Exception why) {
    backups = Double.NaN;
    lastSuccess = Double.NaN;
    log.warn("The backups in {} cannot be listed: {}.", directory, why.getMessage());
  }
}
