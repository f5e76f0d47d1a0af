package io.cloudraft.kvs.operator.resource;

import io.cloudraft.kvs.operator.api.GatewayReference;
import io.cloudraft.kvs.operator.settings.OperatorSettings;
import io.cloudraft.kvs.operator.settings.StoreSettings;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.HTTPRoute;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.HTTPRouteBuilder;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.ParentReference;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.ParentReferenceBuilder;

/**
 * Leads Gateways to the store. The lists of an HTTPRoute belong to one manager as a whole, so what
 * the API server would fill into them is written out; it would be found to differ for ever.
 */
final class HttpRouteResource extends ChildResource<HTTPRoute> {
  HttpRouteResource(OperatorSettings operator) {
    super(HTTPRoute.class, operator);
  }

  @Override
  HTTPRoute desired(StoreSettings settings) {
    var gateway = settings.gateway().orElseThrow();
    return new HTTPRouteBuilder()
        .withMetadata(metadata(settings).withAnnotations(gateway.annotations()).build())
        .withNewSpec()
        .withParentRefs(gateway.parents().stream().map(HttpRouteResource::parent).toList())
        .withHostnames(gateway.host())
        .addNewRule()
        .addNewMatch()
        .withNewPath()
        .withType("PathPrefix")
        .withValue("/")
        .endPath()
        .endMatch()
        .addNewBackendRef()
        .withGroup("")
        .withKind("Service")
        .withName(settings.name())
        .withPort(ServiceContract.PORT)
        .withWeight(1)
        .endBackendRef()
        .endRule()
        .endSpec()
        .build();
  }

  private static ParentReference parent(GatewayReference gateway) {
    return new ParentReferenceBuilder()
        .withGroup("gateway.networking.k8s.io")
        .withKind("Gateway")
        .withName(gateway.name())
        .withNamespace(gateway.namespace())
        .withSectionName(gateway.sectionName())
        .withPort(gateway.port())
        .build();
  }
}
