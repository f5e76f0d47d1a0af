package io.cloudraft.kvs.operator.resource;

import io.cloudraft.kvs.operator.settings.OperatorSettings;
import io.cloudraft.kvs.operator.settings.StoreSettings;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudgetBuilder;

/**
 * Lets whoever empties nodes take one pod of a store at a time. A store of one pod has none: it
 * would keep its node from ever being emptied.
 */
final class PodDisruptionBudgetResource extends ChildResource<PodDisruptionBudget> {
  PodDisruptionBudgetResource(OperatorSettings operator) {
    super(PodDisruptionBudget.class, operator);
  }

  @Override
  PodDisruptionBudget desired(StoreSettings settings) {
    return new PodDisruptionBudgetBuilder()
        .withMetadata(metadata(settings).build())
        .withNewSpec()
        .withMaxUnavailable(new IntOrString(1))
        // A pod that is not ready serves nobody, and is not to keep a node from being emptied.
        .withUnhealthyPodEvictionPolicy("AlwaysAllow")
        .withNewSelector()
        .withMatchLabels(ChildLabels.selector(settings.name()))
        .endSelector()
        .endSpec()
        .build();
  }
}
