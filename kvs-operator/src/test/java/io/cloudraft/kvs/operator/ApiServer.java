package io.cloudraft.kvs.operator;

import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.fabric8.mockwebserver.Context;
import io.fabric8.mockwebserver.MockWebServer;
import io.fabric8.mockwebserver.http.Dispatcher;
import io.fabric8.mockwebserver.http.MockResponse;
import io.fabric8.mockwebserver.http.RecordedRequest;
import io.fabric8.mockwebserver.http.Response;
import io.fabric8.mockwebserver.http.WebSocket;
import io.fabric8.mockwebserver.http.WebSocketListener;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

/**
 * An API server as far as the operator's requests can be told without one: it lists the KvStores
 * that there are and nothing else, its watches stay silent, it takes every apply, and it answers by
 * script where a test wants that. What an apply comes to is for a real one to show.
 */
final class ApiServer extends Dispatcher implements AutoCloseable {
  private static final KubernetesSerialization JSON = new KubernetesSerialization();

  private final List<HasMetadata> stores;
  private final Map<String, Queue<MockResponse>> scripts = new ConcurrentHashMap<>();
  private final Map<String, MockResponse> refusals = new ConcurrentHashMap<>();
  private final List<Applied> created = new CopyOnWriteArrayList<>();
  private final List<Applied> applied = new CopyOnWriteArrayList<>();
  private final List<String> deleted = new CopyOnWriteArrayList<>();
  private final Map<String, WebSocket> watches = new ConcurrentHashMap<>();
  private volatile String revision = "1";
  private final KubernetesMockServer server =
      new KubernetesMockServer(new Context(), new MockWebServer(), new HashMap<>(), this, false);

  /** An apply, or a creation, that arrived. */
  record Applied(String path, String query, String contentType, GenericKubernetesResource object) {}

  ApiServer(HasMetadata... stores) {
    this.stores = List.of(stores);
    server.init();
    lacks();
  }

  KubernetesClient client() {
    return server.createClient();
  }

  void hasServiceMonitors() {
    server.setUnsupported();
  }

  /** Knows no kind of those API groups, nor ServiceMonitors. */
  void lacks(String... groups) {
    server.setUnsupported(
        Stream.concat(Stream.of("monitoring.coreos.com"), Stream.of(groups))
            .toArray(String[]::new));
  }

  /**
   * Answers the next request of that method and path so, and those after it by what was scripted
   * after this.
   */
  void answer(String method, String path, int status, Object body) {
    scripts
        .computeIfAbsent(method + " " + path, _ -> new ArrayDeque<>())
        .add(new MockResponse().setResponseCode(status).setBody(JSON.asJson(body)));
  }

  /** Answers every request of that method and path so. */
  void refuseAlways(String method, String path, int status, Object body) {
    refusals.put(
        method + " " + path, new MockResponse().setResponseCode(status).setBody(JSON.asJson(body)));
  }

  void refuseNoLonger(String method, String path) {
    refusals.remove(method + " " + path);
  }

  /**
   * Ends the watch of what is listed there, once it has begun, and has lost what came to pass
   * meanwhile: it is to be listed again.
   */
  void breakWatch(String path) {
    revision = "3"; // after all that was applied
    await()
        .until(() -> watches.get(path), Objects::nonNull)
        .send(
            "{\"type\": \"ERROR\", \"object\": {\"kind\": \"Status\", \"apiVersion\": \"v1\", \"code\": 410}}");
  }

  List<GenericKubernetesResource> created(String path) {
    return created.stream()
        .filter(request -> request.path().equals(path))
        .map(Applied::object)
        .toList();
  }

  List<Applied> applied(String path) {
    return applied.stream().filter(request -> request.path().equals(path)).toList();
  }

  List<String> deletions(String path) {
    return deleted.stream().filter(path::equals).toList();
  }

  List<String> appliedPaths() {
    return applied.stream().map(Applied::path).distinct().sorted().toList();
  }

  @Override
  public MockResponse dispatch(RecordedRequest request) {
    var target = request.getPath().split("\\?", 2);
    var path = target[0];
    var query = target.length == 2 ? target[1] : "";
    boolean apply = request.getMethod().equals("PATCH");
    var body = request.getUtf8Body();
    boolean create = request.getMethod().equals("POST");
    if (apply || create) {
      (apply ? applied : created)
          .add(
              new Applied(
                  path, query, String.valueOf(request.getHeader("Content-Type")), object(body)));
    }
    if (request.getMethod().equals("DELETE")) {
      deleted.add(path);
    }
    var script = scripts.getOrDefault(request.getMethod() + " " + path, new ArrayDeque<>());
    if (!script.isEmpty()) {
      return script.remove();
    }
    var refusal = refusals.get(request.getMethod() + " " + path);
    if (refusal != null) {
      return refusal;
    }
    if (apply || create) {
      return json(stored(object(body)));
    }
    if (query.contains("watch=true")) {
      return new MockResponse().withWebSocketUpgrade(watch(path));
    }
    if (Stream.of("resourceVersion=0", "limit=1", "labelSelector=").anyMatch(query::contains)) {
      var items = path.endsWith("/kvstores") ? stores : List.of();
      return json(Map.of("metadata", Map.of("resourceVersion", revision), "items", items));
    }
    return new MockResponse().setResponseCode(404);
  }

  private WebSocketListener watch(String path) {
    return new WebSocketListener() {
      @Override
      public void onOpen(WebSocket watch, Response response) {
        watches.put(path, watch);
      }
    };
  }

  private static GenericKubernetesResource object(String body) {
    return JSON.unmarshal(body, GenericKubernetesResource.class);
  }

  private static GenericKubernetesResource stored(GenericKubernetesResource object) {
    if (object.getMetadata() == null) { // a merge patch has only what it changes
      object.setMetadata(new ObjectMeta());
    }
    object.getMetadata().setResourceVersion("2");
    object.getMetadata().setGeneration(1L);
    return object;
  }

  private static MockResponse json(Object body) {
    return new MockResponse().setResponseCode(200).setBody(JSON.asJson(body));
  }

  @Override
  public void close() {
    server.destroy();
  }
}
