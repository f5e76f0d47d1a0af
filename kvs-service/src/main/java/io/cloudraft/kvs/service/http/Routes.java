package io.cloudraft.kvs.service.http;

import io.cloudraft.kvs.service.codec.Limits;
import io.cloudraft.kvs.service.codec.RequestRefused;
import io.cloudraft.kvs.service.codec.RequestRefused.Reason;
import io.cloudraft.kvs.service.store.KeyValueStore;
import jakarta.servlet.Servlet;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletRegistration;
import java.util.List;
import java.util.stream.Stream;
import org.springframework.boot.web.servlet.ServletContextInitializer;

/** Every path that is answered. */
public final class Routes implements ServletContextInitializer {
  private final List<Endpoint> endpoints;

  /**
   * All routes over one store.
   *
   * @param operational what a cluster asks, beside the store's own endpoints
   */
  public Routes(KeyValueStore store, Limits limits, List<Endpoint> operational) {
    this.endpoints =
        Stream.concat(
                Stream.of(
                    new GetEndpoint(store, limits),
                    new SetEndpoint(store, limits),
                    new SearchEndpoint(store)),
                operational.stream())
            .toList();
  }

  @Override
  public void onStartup(ServletContext context) {
    endpoints.forEach(endpoint -> mount(context, endpoint.name(), endpoint.mapping(), endpoint));
    mount(context, UnknownPath.NAME, "/", new UnknownPath());
  }

  private static void mount(ServletContext context, String name, String mapping, Servlet servlet) {
    ServletRegistration.Dynamic registration = context.addServlet(name, servlet);
    registration.addMapping(mapping);
    registration.setAsyncSupported(true);
  }

  static RequestRefused unknownPath(String uri) {
    if (uri.startsWith("/get/")) {
      return new RequestRefused(
          Reason.UNKNOWN_PATH,
          "A key with \"..\" that leads out of /get/ cannot be written into a path, because clients and servers resolve it first; write its slashes as %2F.");
    }
    return new RequestRefused(
        Reason.UNKNOWN_PATH,
        "There is nothing at this path. What exists: GET /get/{key}, POST /set, GET /search, GET /metrics, GET /livez, GET /readyz.");
  }
}
