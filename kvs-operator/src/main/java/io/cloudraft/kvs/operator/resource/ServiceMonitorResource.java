package io.cloudraft.kvs.operator.resource;

import io.cloudraft.kvs.operator.settings.OperatorSettings;
import io.cloudraft.kvs.operator.settings.StoreSettings;
import io.fabric8.openshift.api.model.monitoring.v1.ServiceMonitor;
import io.fabric8.openshift.api.model.monitoring.v1.ServiceMonitorBuilder;

/**
 * Leads Prometheus to the store. Only fields that the Prometheus Operator has always had are set,
 * so that the age of its definition does not matter.
 */
final class ServiceMonitorResource extends ChildResource<ServiceMonitor> {
  ServiceMonitorResource(OperatorSettings operator) {
    super(ServiceMonitor.class, operator);
  }

  @Override
  ServiceMonitor desired(StoreSettings settings) {
    var monitoring = settings.monitoring().orElseThrow();
    return new ServiceMonitorBuilder()
        .withMetadata(
            metadata(settings)
                .withLabels(monitoring.labels())
                .addToLabels(ChildLabels.all(settings.name()))
                .build())
        .withNewSpec()
        .withNewSelector()
        .withMatchLabels(ChildLabels.selector(settings.name()))
        .endSelector()
        // All series say which store they are of, also "up", by which an alert knows a dead one.
        .withTargetLabels(ChildLabels.STORE)
        .addNewEndpoint()
        .withPort(ServiceContract.PORT_NAME)
        .withPath(ServiceContract.METRICS_PATH)
        .withInterval(monitoring.interval().orElse(null))
        .endEndpoint()
        .endSpec()
        .build();
  }
}
