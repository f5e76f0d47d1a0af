package io.cloudraft.kvs.service.engine.rocksdb;

import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import org.rocksdb.RocksDBException;

/** How long commits take, and how many writes share one. */
final class CommitMetrics {
  private final Timer duration;
  private final DistributionSummary writes;

  CommitMetrics(MeterRegistry registry) {
    this.duration =
        Timer.builder("kvs.commit")
            .description("Time to write and sync one commit")
            .serviceLevelObjectives(
                Duration.ofNanos(100_000),
                Duration.ofNanos(250_000),
                Duration.ofNanos(500_000),
                Duration.ofMillis(1),
                Duration.ofNanos(2_500_000),
                Duration.ofMillis(5),
                Duration.ofMillis(10),
                Duration.ofMillis(25),
                Duration.ofMillis(50),
                Duration.ofMillis(100),
                Duration.ofMillis(500),
                Duration.ofSeconds(1),
                Duration.ofSeconds(5))
            .register(registry);
    this.writes =
        DistributionSummary.builder("kvs.commit.writes")
            .description("Writes that shared one commit")
            .serviceLevelObjectives(1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)
            .register(registry);
  }

  void time(int writesInCommit, Commit commit) throws RocksDBException {
    long start = System.nanoTime();
    commit.run();
    duration.record(Duration.ofNanos(System.nanoTime() - start));
    writes.record(writesInCommit);
  }

  @FunctionalInterface
  interface Commit {
    void run() throws RocksDBException;
  }
}
