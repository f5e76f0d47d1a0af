package io.cloudraft.kvs.service.http;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import jakarta.servlet.ServletException;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.apache.catalina.AccessLog;
import org.apache.catalina.Wrapper;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;

/**
 * Times every request, from its first byte to the end of its answer, by endpoint and status. It
 * takes the place of Tomcat's access log, which sees what no servlet does: requests that Tomcat
 * refuses, and the end of asynchronous ones.
 */
final class RequestMetrics extends ValveBase implements AccessLog {
  /** The endpoint of a request that was refused before one was looked for. */
  private static final String NO_ENDPOINT = "none";

  private static final Duration[] BUCKETS =
      new Duration[] {
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
        Duration.ofMillis(250),
        Duration.ofMillis(500),
        Duration.ofSeconds(1),
        Duration.ofSeconds(5),
        Duration.ofSeconds(10),
      };

  private record Labels(String endpoint, int status) {}

  private final MeterRegistry registry;
  private final Map<Labels, Timer> timers = new ConcurrentHashMap<>();

  RequestMetrics(MeterRegistry registry) {
    super(true);
    this.registry = registry;
  }

  @Override
  public void invoke(Request request, Response response) throws IOException, ServletException {
    getNext().invoke(request, response);
  }

  @Override
  public void log(Request request, Response response, long nanos) {
    Wrapper servlet = request.getWrapper();
    record(servlet == null ? NO_ENDPOINT : servlet.getName(), response.getStatus(), nanos);
  }

  /** The same for a request that no servlet saw. */
  void record(String endpoint, int status, long nanos) {
    timers
        .computeIfAbsent(new Labels(endpoint, status), this::timer)
        .record(nanos, TimeUnit.NANOSECONDS);
  }

  private Timer timer(Labels labels) {
    return Timer.builder("kvs.http.requests")
        .description(
            "Requests by endpoint and status, from the first byte to the end of the answer")
        .tag("endpoint", labels.endpoint)
        .tag("status", Integer.toString(labels.status))
        .serviceLevelObjectives(BUCKETS)
        .register(registry);
  }

  @Override
  public void setRequestAttributesEnabled(boolean enabled) {
    // Concerns the text of an access log, and there is none.
  }

  @Override
  public boolean getRequestAttributesEnabled() {
    return false;
  }
}
