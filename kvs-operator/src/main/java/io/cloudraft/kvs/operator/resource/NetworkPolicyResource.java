package io.cloudraft.kvs.operator.resource;

import io.cloudraft.kvs.operator.settings.OperatorSettings;
import io.cloudraft.kvs.operator.settings.StoreSettings;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyBuilder;

/**
 * Who may open connections to the store. The kubelet, whose probes come from the node, always may.
 */
final class NetworkPolicyResource extends ChildResource<NetworkPolicy> {
  NetworkPolicyResource(OperatorSettings operator) {
    super(NetworkPolicy.class, operator);
  }

  @Override
  NetworkPolicy desired(StoreSettings settings) {
    return new NetworkPolicyBuilder()
        .withMetadata(metadata(settings).build())
        .withNewSpec()
        .withNewPodSelector()
        .withMatchLabels(ChildLabels.selector(settings.name()))
        .endPodSelector()
        .withPolicyTypes("Ingress")
        .addNewIngress()
        .withFrom(settings.clients())
        .addNewPort()
        .withProtocol("TCP")
        .withPort(new IntOrString(ServiceContract.PORT_NAME))
        .endPort()
        .endIngress()
        .endSpec()
        .build();
  }
}
