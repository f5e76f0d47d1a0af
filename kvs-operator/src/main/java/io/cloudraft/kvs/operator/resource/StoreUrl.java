package io.cloudraft.kvs.operator.resource;

import io.cloudraft.kvs.operator.settings.IngressSettings;
import io.cloudraft.kvs.operator.settings.StoreSettings;

/** Where a store answers: through its Ingress, or inside of the cluster where it has none. */
public final class StoreUrl {
  private StoreUrl() {}

  public static String of(StoreSettings settings) {
    return settings
        .ingress()
        .map(IngressSettings::url)
        .orElseGet(
            () ->
                "http://%s.%s.svc:%d"
                    .formatted(settings.name(), settings.namespace(), ServiceContract.PORT));
  }
}
