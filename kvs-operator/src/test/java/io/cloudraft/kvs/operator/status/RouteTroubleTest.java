package io.cloudraft.kvs.operator.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloudraft.kvs.operator.status.Verdict.Phase;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.HTTPRoute;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The statuses are such as a Gateway's controller writes. */
class RouteTroubleTest {
  private static final String ACCEPTED =
      "{type: Accepted, status: 'True', reason: Accepted, message: '', observedGeneration: 2}";
  private static final String RESOLVED =
      "{type: ResolvedRefs, status: 'True', reason: ResolvedRefs, message: '', observedGeneration: 2}";

  @Test
  void isNoneWhenEachGatewayLeadsToTheStore() {
    assertThat(trouble(parent("a", ACCEPTED, RESOLVED), parent("b", ACCEPTED, RESOLVED))).isEmpty();
  }

  /** With NGINX Gateway Fabric, which does so, a route was pending for ever. */
  @Test
  void isNoneThoughAControllerFillsInTheNamespaceThatTheRouteLeavesOut() {
    var a = parent("a", ACCEPTED, RESOLVED).replace("name: a", "name: a, namespace: shop");
    var b = parent("b", ACCEPTED, RESOLVED);

    assertThat(trouble(a, b)).isEmpty();
    assertThat(trouble(a.replace("shop", "other"), b))
        .map(Verdict::reason)
        .contains(Reason.RoutePending);
  }

  @Test
  void waitsForEachGateway() {
    assertThat(trouble())
        .contains(
            new Verdict(
                Phase.UNFINISHED,
                Reason.RoutePending,
                "It answers. No controller has taken the HTTPRoute up for the Gateway a yet: see whether that is"
                    + " there, and its class."));
    assertThat(trouble(parent("a", ACCEPTED, RESOLVED)))
        .map(Verdict::sentence)
        .hasValueSatisfying(sentence -> assertThat(sentence).contains("the Gateway b yet"));
  }

  @Test
  void waitsWhileWhatWasSaidIsAboutAnEarlierRoute() {
    var earlier = ACCEPTED.replace("Generation: 2", "Generation: 1");

    assertThat(trouble(parent("a", earlier), parent("b", ACCEPTED)))
        .map(Verdict::reason)
        .contains(Reason.RoutePending);
  }

  @Test
  void stallsOnARefusalThoughAnotherGatewayHasYetToAnswer() {
    var refused =
        "{type: Accepted, status: 'False', reason: NotAllowedByListeners, message: not from here, observedGeneration: 2}";

    assertThat(trouble(parent("b", refused)))
        .contains(
            new Verdict(
                Phase.STALLED,
                Reason.RouteNotAccepted,
                "It answers. The Gateway b does not lead to it (NotAllowedByListeners): not from here"));
    assertThat(
            trouble(
                parent("a", ACCEPTED, RESOLVED.replace("'True'", "'False'")),
                parent("b", ACCEPTED, RESOLVED)))
        .map(Verdict::phase)
        .contains(Phase.STALLED);
  }

  private static Optional<Verdict> trouble(String... parents) {
    return RouteTrouble.of(
        "It answers.",
        Serialization.unmarshal(
            """
            apiVersion: gateway.networking.k8s.io/v1
            kind: HTTPRoute
            metadata: {name: demo, namespace: shop, generation: 2}
            spec: {parentRefs: [{kind: Gateway, name: a}, {kind: Gateway, name: b}]}
            status: {parents: [%s]}
            """
                .formatted(String.join(", ", parents)),
            HTTPRoute.class));
  }

  private static String parent(String name, String... conditions) {
    return "{parentRef: {kind: Gateway, name: %s}, controllerName: example.com/c, conditions: [%s]}"
        .formatted(name, String.join(", ", conditions));
  }
}
