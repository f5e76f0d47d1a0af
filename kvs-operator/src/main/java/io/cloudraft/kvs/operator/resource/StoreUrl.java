package io.cloudraft.kvs.operator.resource;

import io.cloudraft.kvs.operator.settings.GatewaySettings;
import io.cloudraft.kvs.operator.settings.IngressSettings;
import io.cloudraft.kvs.operator.settings.StoreSettings;

/**
 * Where a store answers: through its Ingress, else through its HTTPRoute, or inside of the cluster
 * where it has neither.
 */
public final class StoreUrl {
  private StoreUrl() {}

  public static String of(StoreSettings settings) {
    return settings
        .ingress()
        .map(IngressSettings::url)
        .or(() -> settings.gateway().map(GatewaySettings::url))
        .orElseGet(() -> inside(settings));
  }

  /** Where it answers inside of the cluster. */
  public static String inside(StoreSettings settings) {
    return "http://%s.%s.svc:%d"
        .formatted(settings.name(), settings.namespace(), ServiceContract.PORT);
  }
}
