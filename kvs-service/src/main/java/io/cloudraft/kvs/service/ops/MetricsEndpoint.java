package io.cloudraft.kvs.service.ops;

import io.cloudraft.kvs.service.http.Endpoint;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/** {@code GET /metrics}: everything that is measured, as Prometheus text. */
public final class MetricsEndpoint extends Endpoint {
  private static final String PROMETHEUS_TEXT = "text/plain; version=0.0.4; charset=utf-8";

  private final transient PrometheusMeterRegistry registry;

  public MetricsEndpoint(PrometheusMeterRegistry registry) {
    super("/metrics", READ);
    this.registry = registry;
  }

  @Override
  protected void answer(HttpServletRequest request, String rest, HttpServletResponse response)
      throws IOException {
    response.setContentType(PROMETHEUS_TEXT);
    registry.scrape(response.getOutputStream(), PROMETHEUS_TEXT);
  }
}
