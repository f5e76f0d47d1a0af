package io.cloudraft.kvs.operator.resource;

import static java.util.Comparator.naturalOrder;

import io.cloudraft.kvs.operator.api.KvStore;
import io.cloudraft.kvs.operator.settings.OperatorSettings;
import io.cloudraft.kvs.operator.settings.StoreSettings;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.IngressBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.IngressTLSBuilder;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import java.time.Instant;
import java.util.Map;
import java.util.stream.Stream;

/** The address of the store outside of the cluster. */
public final class IngressResource extends ChildResource<Ingress> {
  IngressResource(OperatorSettings operator) {
    super(Ingress.class, operator);
  }

  /** When the operator made of it what it is. */
  public static Instant appliedAt(Ingress ingress) {
    return appliedByUs(ingress)
        .flatMap(fields -> Stream.ofNullable(fields.getTime()))
        .map(Instant::parse)
        .max(naturalOrder())
        .orElseGet(() -> Instant.parse(ingress.getMetadata().getCreationTimestamp()));
  }

  @Override
  Ingress desired(StoreSettings settings) {
    var ingress = settings.ingress().orElseThrow();
    var desired =
        new IngressBuilder()
            .withMetadata(metadata(settings).withAnnotations(ingress.annotations()).build())
            .withNewSpec()
            .withIngressClassName(ingress.className().orElse(null))
            .addNewRule()
            .withHost(ingress.host())
            .withNewHttp()
            .addNewPath()
            .withPath(ingress.path())
            .withPathType("Prefix")
            .withNewBackend()
            .withNewService()
            .withName(settings.name())
            .withNewPort()
            .withName(ServiceContract.PORT_NAME)
            .endPort()
            .endService()
            .endBackend()
            .endPath()
            .endHttp()
            .endRule()
            .endSpec()
            .build();
    ingress
        .tlsSecretName()
        .ifPresent(
            secret ->
                desired
                    .getSpec()
                    .getTls()
                    .add(
                        new IngressTLSBuilder()
                            .withHosts(ingress.host())
                            .withSecretName(secret)
                            .build()));
    return desired;
  }

  /**
   * Only a new Ingress gets the cluster's default class: one that needs it is made anew. It is
   * deleted before anything of it is changed, so that whoever breaks off here begins here again.
   */
  @Override
  public Ingress update(Ingress actual, Ingress desired, KvStore store, Context<KvStore> context) {
    if (desired.getSpec().getIngressClassName() == null && isClassOurs(actual)) {
      var former = context.getClient().resource(actual);
      former.delete();
      var held = former.get();
      // That it has gone is told only where a finalizer held it: a watch that was cut may not know
      // that there was one.
      return held == null ? create(desired, store, context) : held;
    }
    return super.update(actual, desired, store, context);
  }

  private static boolean isClassOurs(Ingress actual) {
    return appliedByUs(actual)
        .anyMatch(
            fields ->
                fields.getFieldsV1().getAdditionalProperties().get("f:spec")
                        instanceof Map<?, ?> spec
                    && spec.containsKey("f:ingressClassName"));
  }
}
