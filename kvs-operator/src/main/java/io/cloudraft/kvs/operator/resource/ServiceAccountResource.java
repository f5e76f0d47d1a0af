package io.cloudraft.kvs.operator.resource;

import io.cloudraft.kvs.operator.settings.OperatorSettings;
import io.cloudraft.kvs.operator.settings.StoreSettings;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;

/**
 * An account of its own for the pods, without a token: the store has no business with the API
 * server.
 */
final class ServiceAccountResource extends ChildResource<ServiceAccount> {
  ServiceAccountResource(OperatorSettings operator) {
    super(ServiceAccount.class, operator);
  }

  @Override
  ServiceAccount desired(StoreSettings settings) {
    return new ServiceAccountBuilder()
        .withMetadata(metadata(settings).build())
        .withAutomountServiceAccountToken(false)
        .build();
  }
}
