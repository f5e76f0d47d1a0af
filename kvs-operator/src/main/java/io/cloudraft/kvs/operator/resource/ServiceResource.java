package io.cloudraft.kvs.operator.resource;

import static io.cloudraft.kvs.operator.resource.ServiceContract.PORT;
import static io.cloudraft.kvs.operator.resource.ServiceContract.PORT_NAME;

import io.cloudraft.kvs.operator.settings.OperatorSettings;
import io.cloudraft.kvs.operator.settings.StoreSettings;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import java.util.Map;

/** The address of the store inside of the cluster. */
final class ServiceResource extends ChildResource<Service> {
  ServiceResource(OperatorSettings operator) {
    super(Service.class, operator);
  }

  @Override
  Service desired(StoreSettings settings) {
    return new ServiceBuilder()
        .withMetadata(metadata(settings).withAnnotations(settings.service().annotations()).build())
        .withNewSpec()
        .withType(settings.service().type().name())
        .withSelector(ChildLabels.selector(settings.name()))
        .addNewPort()
        .withName(PORT_NAME)
        .withPort(PORT)
        .withProtocol("TCP")
        .withTargetPort(new IntOrString(PORT_NAME))
        .endPort()
        .endSpec()
        .build();
  }

  /** Ports are merged by number, so another number makes a second port of the same name. */
  @Override
  Map<String, Object> contested(Service desired) {
    return Map.of("spec", Map.of("ports", desired.getSpec().getPorts()));
  }
}
