package io.cloudraft.kvs.operator.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.gatewayapi.v1.HTTPRoute;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.HTTPRouteBuilder;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.ResourceLock;

/**
 * No controller of Gateways is at work here: the test says itself what one would say of the
 * HTTPRoute.
 */
@Tag("e2e")
@ResourceLock(TestNamespace.KINDS_OF_THE_CLUSTER)
class GatewayTest {
  @RegisterExtension static final TestNamespace namespace = new TestNamespace("kvs-e2e-gateway");

  private static final String SPEC =
      "{gateway: {parentRefs: [{name: public, namespace: gateways, sectionName: web}],"
          + " host: %s, annotations: {example.com/owner: shop}}}";

  /** One story, because the Gateway API can be installed only once in the life of a cluster. */
  @Test
  void isRoutedAsSoonAsThereIsAGatewayApi() {
    assertThat(namespace.client().supports(HTTPRoute.class))
        .as("this cluster has the Gateway API already; the test needs one that does not")
        .isFalse();
    namespace.apply("routed", SPEC.formatted("routed.example.com"));
    namespace.untilReady("routed");
    namespace.untilSays("routed", "Reconciling", "RoutePending", "does not have the Gateway API");

    Command.run("bash", "-c", Environment.installGatewayApi());

    await("the HTTPRoute")
        .atMost(Duration.ofMinutes(1))
        .ignoreExceptions()
        .untilAsserted(
            () ->
                assertThat(route().require().getSpec().getHostnames())
                    .containsExactly("routed.example.com"));
    assertThat(route().require().getMetadata().getAnnotations())
        .containsEntry("example.com/owner", "shop");
    namespace.untilSays("routed", "Reconciling", "RoutePending", "No controller", "Gateway public");

    String deleted = route().require().getMetadata().getUid();
    route().delete();
    await("the HTTPRoute to come back")
        .atMost(TestNamespace.SECONDS)
        .ignoreExceptions()
        .until(() -> !route().require().getMetadata().getUid().equals(deleted));
    namespace.patch("httproute", "routed", "{\"spec\":{\"hostnames\":[\"other.example.com\"]}}");
    untilHostIs("routed.example.com");

    says("Accepted", "True");
    namespace.untilSays("routed", "Ready", "Available", "http://routed.");
    Instant accepted = Instant.now();
    says("NotAllowedByListeners", "False");
    namespace.untilSays(
        "routed", "Stalled", "RouteNotAccepted", "Gateway public", "NotAllowedByListeners");
    assertThat(AuditLog.operatorWrites(accepted, namespace))
        .as("nothing is to be changed in what the API server has filled in")
        .noneMatch(write -> write.contains("/httproutes/"));

    namespace.apply("routed", SPEC.formatted("renamed.example.com"));
    untilHostIs("renamed.example.com");
    namespace.untilSays("routed", "Reconciling", "RoutePending", "No controller");

    namespace.apply("routed", "{}");
    await("the HTTPRoute to go").atMost(TestNamespace.SECONDS).until(() -> route().get() == null);
    namespace.untilSays("routed", "Ready", "Available");

    namespace
        .live(
            new HTTPRouteBuilder()
                .withNewMetadata()
                .withName("taken")
                .withNamespace(namespace.name())
                .endMetadata()
                .withNewSpec()
                .withHostnames("taken.example.com")
                .endSpec()
                .build())
        .create();
    namespace.apply("taken", SPEC.formatted("taken.example.com"));
    namespace.untilSays("taken", "Stalled", "NameTaken", "HTTPRoute taken");
  }

  private static void untilHostIs(String host) {
    await("host " + host)
        .atMost(TestNamespace.SECONDS)
        .untilAsserted(
            () -> assertThat(route().require().getSpec().getHostnames()).containsExactly(host));
  }

  private static Resource<HTTPRoute> route() {
    return namespace
        .client()
        .resources(HTTPRoute.class)
        .inNamespace(namespace.name())
        .withName("routed");
  }

  /** What a Gateway's controller would say of the route. */
  private static void says(String reason, String status) {
    HTTPRoute route = route().require();
    Map<String, Object> condition =
        Map.of(
            "type",
            "Accepted",
            "status",
            status,
            "reason",
            reason,
            "message",
            "said by the test",
            "observedGeneration",
            route.getMetadata().getGeneration(),
            "lastTransitionTime",
            "2030-01-01T00:00:00Z");
    namespace.patchStatus(
        "httproute",
        "routed",
        Serialization.asJson(
            Map.of(
                "status",
                Map.of(
                    "parents",
                    List.of(
                        Map.of(
                            "parentRef",
                            route.getSpec().getParentRefs().getFirst(),
                            "controllerName",
                            "example.com/test",
                            "conditions",
                            List.of(condition)))))));
  }
}
