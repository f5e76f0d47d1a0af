package io.cloudraft.kvs.operator.resource;

import io.cloudraft.kvs.operator.api.KvStore;
import io.cloudraft.kvs.operator.settings.MonitoringSettings;
import io.cloudraft.kvs.operator.settings.OperatorSettings;
import io.cloudraft.kvs.operator.settings.StoreSettings;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.HTTPRoute;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.openshift.api.model.monitoring.v1.PrometheusRule;
import io.fabric8.openshift.api.model.monitoring.v1.ServiceMonitor;
import io.javaoperatorsdk.operator.OperatorException;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceUtils;
import io.javaoperatorsdk.operator.processing.dependent.workflow.Condition;
import io.javaoperatorsdk.operator.processing.dependent.workflow.Workflow;
import io.javaoperatorsdk.operator.processing.dependent.workflow.WorkflowBuilder;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * All that a KvStore becomes. The children do not wait for each other: where one cannot be had, the
 * others are brought up to date all the same.
 */
public final class Children {
  /** Under this name the API server remembers which fields are ours. It must never change. */
  public static final String FIELD_MANAGER = "kvs-operator";

  /** The kinds that are watched and that every cluster has. */
  public static final List<Class<? extends HasMetadata>> KINDS =
      List.of(
          Deployment.class,
          Ingress.class,
          NetworkPolicy.class,
          PersistentVolumeClaim.class,
          Pod.class,
          PodDisruptionBudget.class,
          Service.class,
          ServiceAccount.class);

  /** They are the Deployment's, and looked at for what keeps them from starting. */
  private static final InformerEventSourceConfiguration<Pod> PODS =
      InformerEventSourceConfiguration.from(Pod.class, KvStore.class)
          .withName("pods")
          .withLabelSelector(ChildLabels.STORE)
          .withSecondaryToPrimaryMapper(
              pod ->
                  ChildLabels.storeOf(pod)
                      .map(store -> Set.of(new ResourceID(store, pod.getMetadata().getNamespace())))
                      .orElse(Set.of()))
          .build();

  private final DeploymentResource deployment;
  private final PersistentVolumeClaimResource claim;
  private final IngressResource ingress;
  private final OptionalKind<ServiceMonitor> serviceMonitors;
  private final OptionalKind<PrometheusRule> prometheusRules;
  private final HttpRouteResource route;
  private final OptionalKind<HTTPRoute> routes;
  private final Workflow<KvStore> workflow;

  public Children(OperatorSettings operator, KubernetesClient client) {
    deployment = new DeploymentResource(operator);
    claim = new PersistentVolumeClaimResource(operator);
    ingress = new IngressResource(operator);
    serviceMonitors = new OptionalKind<>(ServiceMonitor.class, client);
    prometheusRules = new OptionalKind<>(PrometheusRule.class, client);
    route = new HttpRouteResource(operator);
    routes = new OptionalKind<>(HTTPRoute.class, client);
    workflow =
        new WorkflowBuilder<KvStore>()
            .addDependentResource(new ServiceAccountResource(operator))
            .addDependentResource(claim)
            .addDependentResource(deployment)
            .addDependentResource(new ServiceResource(operator))
            .addDependentResourceAndConfigure(ingress)
            .withReconcilePrecondition(only(operator, settings -> settings.ingress().isPresent()))
            .addDependentResourceAndConfigure(new NetworkPolicyResource(operator))
            .withReconcilePrecondition(only(operator, settings -> !settings.clients().isEmpty()))
            .addDependentResourceAndConfigure(new PodDisruptionBudgetResource(operator))
            .withReconcilePrecondition(only(operator, settings -> settings.replicas() > 1))
            .addDependentResourceAndConfigure(route)
            .withReconcilePrecondition(only(operator, settings -> settings.gateway().isPresent()))
            .withActivationCondition(routes)
            .addDependentResourceAndConfigure(new ServiceMonitorResource(operator))
            .withReconcilePrecondition(
                only(operator, settings -> settings.monitoring().isPresent()))
            .withActivationCondition(serviceMonitors)
            .addDependentResourceAndConfigure(new PrometheusRuleResource(operator))
            .withReconcilePrecondition(
                only(
                    operator,
                    settings ->
                        settings.monitoring().filter(MonitoringSettings::alerts).isPresent()))
            .withActivationCondition(prometheusRules)
            .withThrowExceptionFurther(false)
            .build();
  }

  /** The child is deleted, where there is one, for a KvStore that does not want it. */
  private static Condition<?, KvStore> only(
      OperatorSettings operator, Predicate<StoreSettings> wanted) {
    return (child, store, context) -> wanted.test(StoreSettings.from(store, operator));
  }

  /** What has a KvStore reconciled, beside its own changes. */
  public List<EventSource<?, KvStore>> eventSources(EventSourceContext<KvStore> context) {
    var sources = new ArrayList<EventSource<?, KvStore>>();
    sources.addAll(EventSourceUtils.eventSourcesFromWorkflow(context, workflow));
    sources.add(serviceMonitors.tell(context));
    sources.add(prometheusRules.tell(context));
    sources.add(routes.tell(context));
    sources.add(new InformerEventSource<>(PODS, context));
    return sources;
  }

  /**
   * Makes the children what they should be.
   *
   * @throws ChildrenNotApplied after all were tried, if some could not
   */
  public void apply(KvStore store, Context<KvStore> context) {
    var errors = workflow.reconcile(store, context).getErroredDependents().values();
    var failures = new ArrayList<ChildFailure>();
    for (var error : errors) {
      if (!(error instanceof ChildFailure failure)) {
        throw new OperatorException(error);
      }
      failures.add(failure);
    }
    if (!failures.isEmpty()) {
      throw new ChildrenNotApplied(failures);
    }
  }

  /** The Deployment as it was last seen; it says how far its pods are. */
  public Optional<Deployment> deployment(KvStore store, Context<KvStore> context) {
    return deployment.getSecondaryResource(store, context);
  }

  /** The pods as they were last seen. */
  public List<Pod> pods(Context<KvStore> context) {
    return List.copyOf(context.getSecondaryResources(Pod.class));
  }

  /** The Ingress as it was last seen. */
  public Optional<Ingress> ingress(KvStore store, Context<KvStore> context) {
    return ingress.getSecondaryResource(store, context);
  }

  /** Whether the cluster knows the Gateway API. */
  public boolean hasGateways() {
    return routes.isInstalled();
  }

  /** The HTTPRoute as it was last seen; it says what its Gateways make of it. */
  public Optional<HTTPRoute> route(KvStore store, Context<KvStore> context) {
    return context.eventSourceRetriever().getEventSourcesFor(HTTPRoute.class).isEmpty()
        ? Optional.empty()
        : route.getSecondaryResource(store, context);
  }

  /** The claim as it was last seen. */
  public Optional<PersistentVolumeClaim> claim(KvStore store, Context<KvStore> context) {
    return claim.getSecondaryResource(store, context);
  }
}
