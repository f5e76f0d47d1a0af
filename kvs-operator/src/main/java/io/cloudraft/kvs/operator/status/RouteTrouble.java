package io.cloudraft.kvs.operator.status;

import io.cloudraft.kvs.operator.status.Verdict.Phase;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.HTTPRoute;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.ParentReference;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.ParentReferenceBuilder;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.RouteParentStatus;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/** What keeps clients from a store by the way of its Gateways. */
public final class RouteTrouble {
  private RouteTrouble() {}

  /**
   * For a store that answers inside of the cluster and asks for an HTTPRoute.
   *
   * @param answers where it does, as a sentence
   */
  public static Verdict withoutGateways(String answers) {
    return pending(
        answers,
        "This cluster does not have the Gateway API, which spec.gateway asks for: the HTTPRoute comes when that is"
            + " installed.");
  }

  /**
   * For a store that answers inside of the cluster.
   *
   * @param answers where it does, as a sentence
   * @return empty if all of its Gateways lead to it
   */
  public static Optional<Verdict> of(String answers, HTTPRoute route) {
    return Stream.<Verdict>concat(
            route.getSpec().getParentRefs().stream()
                .flatMap(
                    gateway ->
                        statuses(route)
                            .filter(status -> isAbout(gateway, route, status))
                            .flatMap(status -> refusal(answers, gateway, route, status).stream())),
            route.getSpec().getParentRefs().stream()
                .filter(
                    gateway ->
                        statuses(route)
                            .noneMatch(
                                status ->
                                    isAbout(gateway, route, status) && isAccepted(route, status)))
                .map(
                    gateway ->
                        pending(
                            answers,
                            "No controller has taken the HTTPRoute up for the Gateway %s yet: see whether that is there, and its class."
                                .formatted(gateway.getName()))))
        .findFirst();
  }

  private static Stream<RouteParentStatus> statuses(HTTPRoute route) {
    return route.getStatus() == null ? Stream.empty() : route.getStatus().getParents().stream();
  }

  /**
   * Some controllers write the route's namespace into the status where the route itself leaves it
   * out, which means the same.
   */
  private static boolean isAbout(
      ParentReference gateway, HTTPRoute route, RouteParentStatus status) {
    return withNamespace(status.getParentRef(), route).equals(withNamespace(gateway, route));
  }

  private static ParentReference withNamespace(ParentReference gateway, HTTPRoute route) {
    return gateway.getNamespace() == null
        ? new ParentReferenceBuilder(gateway)
            .withNamespace(route.getMetadata().getNamespace())
            .build()
        : gateway;
  }

  private static boolean isAccepted(HTTPRoute route, RouteParentStatus status) {
    return current(route, status)
        .anyMatch(
            condition ->
                condition.getType().equals("Accepted") && condition.getStatus().equals("True"));
  }

  private static Optional<Verdict> refusal(
      String answers, ParentReference gateway, HTTPRoute route, RouteParentStatus status) {
    return current(route, status)
        .filter(condition -> condition.getStatus().equals("False"))
        .filter(
            condition ->
                condition.getType().equals("Accepted")
                    || condition.getType().equals("ResolvedRefs"))
        .map(
            condition ->
                new Verdict(
                    Phase.STALLED,
                    Reason.RouteNotAccepted,
                    "%s The Gateway %s does not lead to it (%s): %s"
                        .formatted(
                            answers,
                            gateway.getName(),
                            condition.getReason(),
                            condition.getMessage())))
        .findFirst();
  }

  /** What was said about an earlier generation of the route does not count. */
  private static Stream<Condition> current(HTTPRoute route, RouteParentStatus status) {
    return status.getConditions().stream()
        .filter(
            condition ->
                Objects.equals(
                    condition.getObservedGeneration(), route.getMetadata().getGeneration()));
  }

  private static Verdict pending(String answers, String why) {
    return new Verdict(Phase.UNFINISHED, Reason.RoutePending, answers + " " + why);
  }
}
