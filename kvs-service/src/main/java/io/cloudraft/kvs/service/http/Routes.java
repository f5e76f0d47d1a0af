package io.cloudraft.kvs.service.http;

import io.cloudraft.kvs.service.access.Guard;
import io.cloudraft.kvs.service.codec.ErrorCode;
import io.cloudraft.kvs.service.codec.Limits;
import io.cloudraft.kvs.service.codec.RequestRefused;
import io.cloudraft.kvs.service.store.KeyValueStore;
import jakarta.servlet.Servlet;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletRegistration;
import java.time.InstantSource;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.web.servlet.ServletContextInitializer;

/** Every path that is answered. */
public final class Routes implements ServletContextInitializer {
  private static final List<String> WITH_KEYS = List.of("/get/", "/v1/kv/");

  private final List<Endpoint> endpoints;

  /**
   * All routes over one store.
   *
   * @param admission of those who ask
   * @param watches where those who watch are counted
   * @param guard who knows whether they still may
   * @param operational what a cluster asks, beside the store's own endpoints
   */
  public Routes(
      KeyValueStore store,
      Limits limits,
      Admission admission,
      Watches watches,
      Guard guard,
      List<Endpoint> operational) {
    HeapShare heap =
        new HeapShare(Runtime.getRuntime().maxMemory(), limits.maxBodyBytes(), admission);
    BodyReader bodies = new BodyReader(limits, Runtime.getRuntime().maxMemory());
    Commits commits = new Commits(store, admission);
    InstantSource clock = InstantSource.system();
    this.endpoints =
        Stream.concat(
                Stream.of(
                    new GetEndpoint(store, limits, heap),
                    new SetEndpoint(commits, limits, bodies),
                    new SearchEndpoint(store, limits, heap),
                    new KvEndpoint(
                        store,
                        commits,
                        limits,
                        bodies,
                        new SearchPages(store, limits, heap),
                        heap,
                        clock),
                    new TxnEndpoint(store, commits, limits, bodies, clock, heap),
                    new WatchEndpoint(store, limits, watches, guard, heap),
                    new ExportEndpoint(store),
                    new ImportEndpoint(store, limits, heap)),
                operational.stream())
            .toList();
  }

  /** As clients write them; one that ends with a slash stands for all paths below. */
  List<String> paths() {
    return endpoints.stream().flatMap(endpoint -> endpoint.paths().stream()).toList();
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

  /** What follows the path of an endpoint that has keys below it; null elsewhere. */
  static @Nullable String rawKey(String uri) {
    for (String path : WITH_KEYS) {
      if (uri.startsWith(path)) {
        return uri.substring(path.length());
      }
    }
    return null;
  }

  static RequestRefused unknownPath(String uri) {
    if (rawKey(uri) != null) {
      return new RequestRefused(
          ErrorCode.UNKNOWN_PATH,
          "A key with \"..\" that leads out of its path cannot be written into one, because clients and servers resolve it first; write its slashes as %2F, or send it as /v1/kv?key=.");
    }
    return new RequestRefused(
        ErrorCode.UNKNOWN_PATH,
        "There is nothing at this path. What exists: GET /get/{key}, POST /set, GET /search, GET /metrics, GET /livez, GET /readyz, and under /v1 what GET /openapi.yaml describes.");
  }
}
