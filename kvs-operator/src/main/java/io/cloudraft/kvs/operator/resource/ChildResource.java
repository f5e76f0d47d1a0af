package io.cloudraft.kvs.operator.resource;

import io.cloudraft.kvs.operator.api.KvStore;
import io.cloudraft.kvs.operator.resource.ChildFailure.NameTaken;
import io.cloudraft.kvs.operator.resource.ChildFailure.NotApplied;
import io.cloudraft.kvs.operator.resource.ChildFailure.Refused;
import io.cloudraft.kvs.operator.settings.OperatorSettings;
import io.cloudraft.kvs.operator.settings.StoreSettings;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.Status;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.dependent.ReconcileResult;
import io.javaoperatorsdk.operator.processing.dependent.kubernetes.CRUDKubernetesDependentResource;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.SecondaryToPrimaryMapper;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * One child of a KvStore: what it should be, and whose it is.
 *
 * <p>It is written by server-side apply when the fields that the operator set differ from those it
 * would set, and at no other time. An object of the child's name that is not this KvStore's is
 * never written.
 */
abstract class ChildResource<R extends HasMetadata>
    extends CRUDKubernetesDependentResource<R, KvStore> implements SecondaryToPrimaryMapper<R> {
  private static final int UNPROCESSABLE = 422;

  /** What an apply is answered with, by a 500, that has two items of one key in a list. */
  private static final String UNTYPED = "failed to create typed patch object";

  /**
   * Of a child that was applied while its kind was not watched, and deleted before it was listed
   * again, nothing tells; the library looks for such ones.
   */
  private static final Duration UNTIL_MISSED = Duration.ofSeconds(10);

  /** For what a child has in the form of text. To make one takes far longer than to use it. */
  static final KubernetesSerialization SERIALIZATION = new KubernetesSerialization();

  private final OperatorSettings operator;

  ChildResource(Class<R> type, OperatorSettings operator) {
    super(type);
    this.operator = operator;
  }

  /** The whole child. */
  abstract R desired(StoreSettings settings);

  String name(String store) {
    return store;
  }

  @Override
  protected final R desired(KvStore store, Context<KvStore> context) {
    return desired(StoreSettings.from(store, operator));
  }

  final ObjectMetaBuilder metadata(StoreSettings settings) {
    return new ObjectMetaBuilder()
        .withName(name(settings.name()))
        .withNamespace(settings.namespace())
        .withLabels(ChildLabels.all(settings.name()))
        .withOwnerReferences(ownerReference(settings));
  }

  private static OwnerReference ownerReference(StoreSettings settings) {
    return new OwnerReferenceBuilder()
        .withApiVersion(HasMetadata.getApiVersion(KvStore.class))
        .withKind(HasMetadata.getKind(KvStore.class))
        .withName(settings.name())
        .withUid(settings.uid())
        .withController(true)
        .build();
  }

  /** Whether the child is neither made nor changed, and not deleted either. */
  boolean isLeftAlone(StoreSettings settings) {
    return false;
  }

  @Override
  public final ReconcileResult<R> reconcile(KvStore store, Context<KvStore> context) {
    if (isLeftAlone(StoreSettings.from(store, operator))) {
      return ReconcileResult.noOperation(getSecondaryResource(store, context).orElse(null));
    }
    try {
      return super.reconcile(store, context);
    } catch (KubernetesClientException e) {
      throw failure(store, e);
    }
  }

  private ChildFailure failure(KvStore store, KubernetesClientException e) {
    return switch (e.getCode()) {
      case HttpURLConnection.HTTP_BAD_REQUEST, HttpURLConnection.HTTP_FORBIDDEN, UNPROCESSABLE ->
          new Refused(label(store), why(e), advice(), e);
      default ->
          why(e).contains(UNTYPED)
              ? new Refused(label(store), why(e), advice(), e)
              : new NotApplied(label(store), why(e), e);
    };
  }

  /**
   * What the API server says, without the difference of the two objects that it may show below
   * that.
   */
  private static String why(KubernetesClientException e) {
    return Optional.ofNullable(e.getStatus())
        .map(Status::getMessage)
        .orElseGet(() -> String.valueOf(e.getMessage()))
        .lines()
        .findFirst()
        .orElse("no reason given");
  }

  /** What to do about it when the API server refuses the child, beyond what its own words say. */
  String advice() {
    return "";
  }

  private String label(KvStore store) {
    return resourceType().getSimpleName() + " " + name(store.getMetadata().getName());
  }

  /** Takes over what is there already, if it is this store's own and was only out of sight. */
  @Override
  public R create(R desired, KvStore store, Context<KvStore> context) {
    try {
      return super.create(desired, store, context);
    } catch (KubernetesClientException e) {
      if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
        throw e;
      }
      var existing = context.getClient().resource(desired).get();
      if (existing == null) {
        throw e; // It has gone in between.
      }
      if (!mayTakeOver(existing, store)) {
        throw new NameTaken(label(store), e);
      }
      desired.getMetadata().setResourceVersion(null);
      return update(existing, desired, store, context);
    }
  }

  /** Takes back by a patch what an apply cannot, when the API server refuses to merge the two. */
  @Override
  public R update(R actual, R desired, KvStore store, Context<KvStore> context) {
    try {
      return super.update(actual, desired, store, context);
    } catch (KubernetesClientException e) {
      var contested = contested(desired);
      if (e.getCode() != UNPROCESSABLE || contested.isEmpty()) {
        throw e;
      }
      context
          .getClient()
          .resource(actual)
          .patch(
              new PatchContext.Builder()
                  .withPatchType(PatchType.JSON_MERGE)
                  .withFieldManager(Children.FIELD_MANAGER)
                  .build(),
              context.getClient().getKubernetesSerialization().asJson(contested));
      return super.update(actual, desired, store, context);
    }
  }

  /**
   * The part of the child that an apply only adds to, and that is invalid with what somebody else
   * put there: as a merge patch, which replaces it. It must not depend on the KvStore, since a
   * patch leaves no trace of what to remove later.
   */
  Map<String, Object> contested(R desired) {
    return Map.of();
  }

  boolean mayTakeOver(R existing, KvStore store) {
    return belongsTo(store, existing);
  }

  /**
   * Either mark of ours is enough, because a person may have removed the other one. The owner is
   * compared by name: one of another uid is a KvStore of this name that was there before.
   */
  private boolean belongsTo(KvStore store, R existing) {
    var name = store.getMetadata().getName();
    return ownersOf(existing).contains(name)
        || (ChildLabels.storeOf(existing).filter(name::equals).isPresent()
            && appliedByUs(existing).findAny().isPresent());
  }

  /** What of it the operator owns; nothing for what it has not written. */
  static Stream<ManagedFieldsEntry> appliedByUs(HasMetadata existing) {
    return existing.getMetadata().getManagedFields().stream()
        .filter(
            fields ->
                Children.FIELD_MANAGER.equals(fields.getManager())
                    && "Apply".equals(fields.getOperation()));
  }

  private static Set<String> ownersOf(HasMetadata child) {
    var names = new HashSet<String>();
    for (var owner : child.getMetadata().getOwnerReferences()) {
      if (owner.getKind().equals(HasMetadata.getKind(KvStore.class))
          && owner.getApiVersion().startsWith(HasMetadata.getGroup(KvStore.class) + "/")) {
        names.add(owner.getName());
      }
    }
    return names;
  }

  @Override
  protected Optional<R> selectTargetSecondaryResource(
      Set<R> children, KvStore store, Context<KvStore> context) {
    var name = name(store.getMetadata().getName());
    return children.stream()
        .filter(child -> child.getMetadata().getName().equals(name) && belongsTo(store, child))
        .findFirst();
  }

  /** Both marks lead to the store, so that the loss of either is noticed. */
  @Override
  public Set<ResourceID> toPrimaryResourceIDs(R child) {
    var names = ownersOf(child);
    ChildLabels.storeOf(child).ifPresent(names::add);
    var ids = new HashSet<ResourceID>();
    names.forEach(name -> ids.add(new ResourceID(name, child.getMetadata().getNamespace())));
    return ids;
  }

  /**
   * {@link #metadata} names the owner already, and nothing else is to be added to what the child
   * desires.
   */
  @Override
  protected void addMetadata(
      boolean forMatch, R actual, R target, KvStore store, Context<KvStore> context) {}

  @Override
  protected InformerEventSourceConfiguration.Builder<R> informerConfigurationBuilder(
      EventSourceContext<KvStore> context) {
    return super.informerConfigurationBuilder(context)
        .withLabelSelector(ChildLabels.STORE)
        .withGhostResourceCacheCheckInterval(UNTIL_MISSED);
  }
}
