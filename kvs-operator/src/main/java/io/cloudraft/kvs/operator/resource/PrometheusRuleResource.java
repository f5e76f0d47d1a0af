package io.cloudraft.kvs.operator.resource;

import io.cloudraft.kvs.operator.settings.OperatorSettings;
import io.cloudraft.kvs.operator.settings.StoreSettings;
import io.fabric8.openshift.api.model.monitoring.v1.PrometheusRule;
import io.fabric8.openshift.api.model.monitoring.v1.PrometheusRuleBuilder;

/** Has Prometheus warn of the store. */
final class PrometheusRuleResource extends ChildResource<PrometheusRule> {
  PrometheusRuleResource(OperatorSettings operator) {
    super(PrometheusRule.class, operator);
  }

  @Override
  PrometheusRule desired(StoreSettings settings) {
    return new PrometheusRuleBuilder()
        .withMetadata(
            metadata(settings)
                .withLabels(settings.monitoring().orElseThrow().labels())
                .addToLabels(ChildLabels.all(settings.name()))
                .build())
        .withNewSpec()
        .addNewGroup()
        .withName("kvs")
        .withRules(Alerts.about(settings.namespace(), settings.name()))
        .endGroup()
        .endSpec()
        .build();
  }
}
