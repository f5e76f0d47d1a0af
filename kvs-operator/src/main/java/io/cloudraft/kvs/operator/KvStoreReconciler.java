package io.cloudraft.kvs.operator;

import static java.util.Comparator.comparing;

import io.cloudraft.kvs.operator.api.KvStore;
import io.cloudraft.kvs.operator.resource.Children;
import io.cloudraft.kvs.operator.resource.StoreUrl;
import io.cloudraft.kvs.operator.settings.IngressSettings;
import io.cloudraft.kvs.operator.settings.OperatorSettings;
import io.cloudraft.kvs.operator.settings.StoreAnnotations;
import io.cloudraft.kvs.operator.settings.StoreSettings;
import io.cloudraft.kvs.operator.status.Announcement;
import io.cloudraft.kvs.operator.status.CertificateTrouble;
import io.cloudraft.kvs.operator.status.ClaimTrouble;
import io.cloudraft.kvs.operator.status.RouteTrouble;
import io.cloudraft.kvs.operator.status.StatusReport;
import io.cloudraft.kvs.operator.status.Verdict;
import io.cloudraft.kvs.operator.status.Verdict.Phase;
import io.cloudraft.kvs.operator.status.VolumeGrowth;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.javaoperatorsdk.operator.OperatorException;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ErrorStatusUpdateControl;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the children of a KvStore to what it asks for, and its status to what is true. A KvStore
 * that is being deleted does not come here: its children go by their owner, and there is no
 * finalizer to wait for.
 */
final class KvStoreReconciler implements Reconciler<KvStore> {
  private static final Logger log = LoggerFactory.getLogger(KvStoreReconciler.class);

  /** What stands in the way may go without anything telling us. */
  private static final Duration UNTIL_LOOKING_AGAIN = Duration.ofSeconds(15);

  /** Secrets are not watched: to do so is to read them all. */
  private static final Duration UNTIL_LOOKING_AT_A_SECRET_AGAIN = Duration.ofMinutes(5);

  /** The Deployment's controller takes up a change in much less, where it runs at all. */
  private static final Duration UNTIL_TAKEN_UP = Duration.ofSeconds(3);

  private final OperatorSettings operator;
  private final Children children;
  private final StoreEvents events;
  private final Secrets secrets;
  private final InstantSource clock;
  private final VerdictLog verdicts = new VerdictLog();

  KvStoreReconciler(
      OperatorSettings operator,
      Children children,
      StoreEvents events,
      Secrets secrets,
      InstantSource clock) {
    this.operator = operator;
    this.children = children;
    this.events = events;
    this.secrets = secrets;
    this.clock = clock;
  }

  @Override
  public List<EventSource<?, KvStore>> prepareEventSources(EventSourceContext<KvStore> context) {
    return children.eventSources(context);
  }

  @Override
  public UpdateControl<KvStore> reconcile(KvStore store, Context<KvStore> context) {
    var settings = StoreSettings.from(store, operator);
    var paused = StoreAnnotations.isPaused(store);
    var before = children.deployment(store, context);
    if (!paused) {
      children.apply(store, context);
    }
    var found = look(store, context, settings);
    if (found.phase() == Phase.RECONCILING
        && !children.deployment(store, context).equals(before)
        && !StatusReport.isCurrent(store)) {
      // Until its controller has seen it there is nothing to tell; the status names an earlier
      // generation, so that it misleads nobody.
      return UpdateControl.<KvStore>noUpdate().rescheduleAfter(UNTIL_TAKEN_UP);
    }
    var control =
        changed(
                store,
                context,
                Optional.of(settings),
                paused ? Verdict.paused(found, StatusReport.isCurrent(store)) : found)
            .map(UpdateControl::patchStatus)
            .orElseGet(UpdateControl::<KvStore>noUpdate);
    return switch (found.phase()) {
      case READY ->
          settings.ingress().flatMap(IngressSettings::tlsSecretName).isPresent()
              ? control.rescheduleAfter(UNTIL_LOOKING_AT_A_SECRET_AGAIN)
              : control;
      case RESTING -> control;
      case UNFINISHED, RECONCILING, STALLED -> control.rescheduleAfter(UNTIL_LOOKING_AGAIN);
    };
  }

  /** How the store is, by what was made of it. */
  private Verdict look(KvStore store, Context<KvStore> context, StoreSettings settings) {
    var rollout =
        Verdict.of(
            children.deployment(store, context),
            children.pods(context),
            StoreUrl.of(settings),
            clock.instant());
    return switch (rollout.phase()) {
      case READY, UNFINISHED -> beside(rollout, store, context, settings);
      case RESTING -> rollout;
      case RECONCILING, STALLED ->
          claim(store, context, Optional.of(settings))
              // A store that asks for no pod waits for no volume.
              .filter(_ -> settings.replicas() > 0)
              .filter(claim -> ClaimTrouble.isOverdue(claim, clock.instant()))
              .flatMap(claim -> ClaimTrouble.overdue(claim, events.lastOf(claim)))
              .orElseGet(() -> withMissingSecrets(rollout, settings));
    };
  }

  /** What is not as it should be of a store whose pods are; the worst of it. */
  private Verdict beside(
      Verdict rollout, KvStore store, Context<KvStore> context, StoreSettings settings) {
    var inside = "The store answers at %s.".formatted(StoreUrl.inside(settings));
    return Stream.of(
            claim(store, context, Optional.of(settings))
                .filter(VolumeGrowth::isUnderWay)
                .map(
                    claim ->
                        VolumeGrowth.verdict(
                            rollout.sentence(), claim, events.lastOf(claim).map(Event::getNote))),
            settings
                .ingress()
                .flatMap(IngressSettings::tlsSecretName)
                .filter(secret -> secrets.isMissing(settings.namespace(), secret))
                .flatMap(
                    secret ->
                        children
                            .ingress(store, context)
                            .map(
                                ingress ->
                                    CertificateTrouble.of(
                                        inside, ingress, secret, clock.instant()))),
            settings
                .gateway()
                .flatMap(
                    _ ->
                        children.hasGateways()
                            ? children
                                .route(store, context)
                                .flatMap(route -> RouteTrouble.of(inside, route))
                            : Optional.of(RouteTrouble.withoutGateways(inside))))
        .flatMap(Optional::stream)
        .max(comparing(Verdict::phase))
        .orElse(rollout);
  }

  /** What keeps the pods from starting may be a Secret that is not there. */
  private Verdict withMissingSecrets(Verdict rollout, StoreSettings settings) {
    return switch (rollout.reason()) {
      case ImageNotPulled ->
          settings.imagePullSecrets().stream()
              .filter(secret -> secrets.isMissing(settings.namespace(), secret))
              .map("There is no Secret %s, which spec.imagePullSecrets names."::formatted)
              .reduce(rollout, Verdict::with, (_, last) -> last);
      case RollingOut, ProgressDeadlineExceeded ->
          settings.secretsByField().entrySet().stream()
              .filter(secret -> secrets.isMissing(settings.namespace(), secret.getValue()))
              .map(secret -> Verdict.waitingFor(secret.getValue(), secret.getKey()))
              .findFirst()
              .orElse(rollout);
      default -> rollout;
    };
  }

  @Override
  public ErrorStatusUpdateControl<KvStore> updateErrorStatus(
      KvStore store, Context<KvStore> context, Exception thrown) {
    var failure = unwrapped(thrown);
    if (isOutdated(failure)) {
      return ErrorStatusUpdateControl.defaultErrorProcessing();
    }
    var verdict = Verdict.of(failure);
    var status = changed(store, context, settings(store), verdict);
    if (store.unreadable().isPresent()) {
      status.ifPresent(patch -> merge(patch, context.getClient()));
      return ErrorStatusUpdateControl.<KvStore>noStatusUpdate()
          .rescheduleAfter(UNTIL_LOOKING_AGAIN);
    }
    var control =
        status
            .map(ErrorStatusUpdateControl::patchStatus)
            .orElseGet(ErrorStatusUpdateControl::noStatusUpdate);
    return verdict.phase() == Phase.STALLED
        ? control.rescheduleAfter(UNTIL_LOOKING_AGAIN)
        : control; // which is retried, later each time
  }

  /**
   * Whether the status was about a KvStore that has changed, or been made anew, meanwhile. It is
   * looked at again then, and there is nothing to tell.
   */
  private static boolean isOutdated(Exception failure) {
    return failure instanceof KubernetesClientException e
        && e.getCode() == HttpURLConnection.HTTP_CONFLICT;
  }

  /** The API server cannot apply to an object that its definition does not allow, only patch it. */
  private static void merge(KvStore patch, KubernetesClient client) {
    try {
      client
          .resource(patch)
          .subresource("status")
          .patch(
              new PatchContext.Builder()
                  .withPatchType(PatchType.JSON_MERGE)
                  .withFieldManager(Children.FIELD_MANAGER)
                  .build(),
              client.getKubernetesSerialization().asJson(Map.of("status", patch.getStatus())));
    } catch (KubernetesClientException e) {
      log.debug("The status of {} was not written", patch.getMetadata().getName(), e);
    }
  }

  /** Empty for a KvStore of which none can be made, which is what it is told then. */
  private Optional<StoreSettings> settings(KvStore store) {
    try {
      return Optional.of(StoreSettings.from(store, operator));
    } catch (RuntimeException _) {
      return Optional.empty();
    }
  }

  /** The claim of its data. One that is left from before the data moved into etcd is none. */
  private Optional<PersistentVolumeClaim> claim(
      KvStore store, Context<KvStore> context, Optional<StoreSettings> settings) {
    return settings.flatMap(StoreSettings::etcd).isPresent()
        ? Optional.empty()
        : children.claim(store, context);
  }

  /** What to write, if the status is not that already. */
  private Optional<KvStore> changed(
      KvStore store, Context<KvStore> context, Optional<StoreSettings> settings, Verdict verdict) {
    var status =
        new StatusReport(
                store,
                settings,
                children.deployment(store, context),
                claim(store, context, settings))
            .with(verdict, clock.instant());
    if (status.equals(store.getStatus())) {
      return Optional.empty();
    }
    var metadata = store.getMetadata();
    verdicts.tell(metadata, verdict);
    var before = Optional.ofNullable(store.getStatus());
    Announcement.of(before, verdict)
        .ifPresent(news -> events.record(store, before, news, clock.instant()));
    // A fresh object: an apply owns all that it holds, and the operator is to own nothing but the
    // status.
    var patch = new KvStore();
    // Only on top of what was looked at. The answer would otherwise hold what the library was never
    // told of, and it takes the news of that for news of our own writing.
    patch.getMetadata().setResourceVersion(metadata.getResourceVersion());
    patch.getMetadata().setNamespace(metadata.getNamespace());
    patch.getMetadata().setName(metadata.getName());
    patch.setStatus(status);
    return Optional.of(patch);
  }

  /** The metrics wrap what passes through them. */
  private static Exception unwrapped(Exception thrown) {
    return thrown instanceof OperatorException && thrown.getCause() instanceof Exception cause
        ? unwrapped(cause)
        : thrown;
  }
}
