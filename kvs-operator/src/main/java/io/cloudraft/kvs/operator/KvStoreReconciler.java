package io.cloudraft.kvs.operator;

import io.cloudraft.kvs.operator.api.KvStore;
import io.cloudraft.kvs.operator.resource.Children;
import io.cloudraft.kvs.operator.resource.StoreUrl;
import io.cloudraft.kvs.operator.settings.OperatorSettings;
import io.cloudraft.kvs.operator.settings.StoreAnnotations;
import io.cloudraft.kvs.operator.settings.StoreSettings;
import io.cloudraft.kvs.operator.status.Announcement;
import io.cloudraft.kvs.operator.status.ClaimTrouble;
import io.cloudraft.kvs.operator.status.StatusReport;
import io.cloudraft.kvs.operator.status.Verdict;
import io.cloudraft.kvs.operator.status.Verdict.Phase;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
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
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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

  private final OperatorSettings operator;
  private final Children children;
  private final StoreEvents events;
  private final InstantSource clock;
  private final VerdictLog verdicts = new VerdictLog();

  KvStoreReconciler(
      OperatorSettings operator, Children children, StoreEvents events, InstantSource clock) {
    this.operator = operator;
    this.children = children;
    this.events = events;
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
    if (!paused) {
      children.apply(store, context);
    }
    var rollout =
        Verdict.of(
            children.deployment(store, context), children.pods(context), StoreUrl.of(settings));
    var waiting = waitingClaim(store, context, rollout);
    var verdict =
        waiting
            .filter(claim -> ClaimTrouble.isOverdue(claim, clock.instant()))
            .map(claim -> ClaimTrouble.overdue(claim, events.lastOf(claim)))
            .orElse(rollout);
    var control =
        changed(
                store,
                context,
                Optional.of(settings),
                paused ? Verdict.paused(verdict, StatusReport.isCurrent(store)) : verdict)
            .map(UpdateControl::patchStatus)
            .orElseGet(UpdateControl::<KvStore>noUpdate);
    return waiting.isPresent() ? control.rescheduleAfter(UNTIL_LOOKING_AGAIN) : control;
  }

  /** The claim that the pods wait for, if they do. */
  private Optional<PersistentVolumeClaim> waitingClaim(
      KvStore store, Context<KvStore> context, Verdict rollout) {
    return switch (rollout.phase()) {
      case READY, RESTING -> Optional.empty();
      case RECONCILING, STALLED -> children.claim(store, context).filter(ClaimTrouble::isPending);
    };
  }

  @Override
  public ErrorStatusUpdateControl<KvStore> updateErrorStatus(
      KvStore store, Context<KvStore> context, Exception thrown) {
    var failure = unwrapped(thrown);
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

  /** What to write, if the status is not that already. */
  private Optional<KvStore> changed(
      KvStore store, Context<KvStore> context, Optional<StoreSettings> settings, Verdict verdict) {
    var status =
        new StatusReport(
                store,
                settings,
                children.deployment(store, context),
                children.claim(store, context))
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
