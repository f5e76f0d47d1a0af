package io.cloudraft.kvs.service.engine.etcd;

import io.grpc.Status;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** How etcd does, as seen from here. */
final class EtcdMetrics {
  private static final Duration[] BUCKETS = {
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
    Duration.ofSeconds(5)
  };

  private final MeterRegistry registry;
  private final Timer reads;
  private final Timer writes;

  EtcdMetrics(MeterRegistry registry) {
    this.registry = registry;
    this.reads = timer("read");
    this.writes = timer("write");
  }

  private Timer timer(String kind) {
    return Timer.builder("kvs.etcd.calls")
        .description("Time until etcd has answered a request, with all attempts")
        .tag("kind", kind)
        .serviceLevelObjectives(BUCKETS)
        .register(registry);
  }

  void answered(boolean read, long nanos) {
    (read ? reads : writes).record(nanos, TimeUnit.NANOSECONDS);
  }

  void failed(boolean read, Status.Code code) {
    Counter.builder("kvs.etcd.failures")
        .description("Attempts that a member of etcd did not answer, or refused")
        .tag("kind", read ? "read" : "write")
        .tag("code", code.name())
        .register(registry)
        .increment();
  }

  void members(Supplier<List<Member>> members) {
    Gauge.builder(
            "kvs.etcd.members.answering",
            () -> members.get().stream().filter(Member::answers).count())
        .description("Members of etcd that answer")
        .register(registry);
  }

  void pending(Supplier<Number> writes) {
    Gauge.builder("kvs.commit.queue.writes", writes)
        .description("Writes that are not answered yet")
        .register(registry);
  }
}
