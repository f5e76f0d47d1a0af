package io.cloudraft.kvs.operator;

import io.cloudraft.kvs.operator.api.KvStore;
import io.cloudraft.kvs.operator.api.KvStoreStatus;
import io.cloudraft.kvs.operator.status.Announcement;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.MicroTime;
import io.fabric8.kubernetes.api.model.ObjectReference;
import io.fabric8.kubernetes.api.model.ObjectReferenceBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import io.fabric8.kubernetes.api.model.events.v1.EventBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Comparator;
import java.util.Objects;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Events of KvStores, which {@code kubectl describe} shows, and those that others left of claims.
 */
final class StoreEvents {
  private static final Logger log = LoggerFactory.getLogger(StoreEvents.class);
  private static final DateTimeFormatter MICROSECONDS =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);

  /** In characters; the API server takes 1024 bytes. */
  private static final int MAX_NOTE = 900;

  private static final String US = "kvs-operator";

  private final KubernetesClient client;

  StoreEvents(KubernetesClient client) {
    this.client = client;
  }

  /**
   * Records an event; one that cannot be recorded is no reason not to go on.
   *
   * <p>Its name is made from what the status said before, so that what is found again because that
   * status could not be replaced is not told twice.
   */
  void record(
      KvStore store, Optional<KvStoreStatus> before, Announcement announcement, Instant now) {
    var metadata = store.getMetadata();
    int moment = Objects.hash(metadata.getUid(), metadata.getGeneration(), before, announcement);
    var event =
        new EventBuilder()
            .withNewMetadata()
            .withName("%s.%08x".formatted(metadata.getName(), moment))
            .withNamespace(metadata.getNamespace())
            .endMetadata()
            .withRegarding(reference(store))
            .withType(announcement.warning() ? "Warning" : "Normal")
            .withReason(announcement.reason())
            .withAction("Reconcile")
            .withNote(shortened(announcement.sentence()))
            .withReportingController(US)
            .withReportingInstance(US)
            .withEventTime(new MicroTime(MICROSECONDS.format(now)))
            .build();
    try {
      client.resource(event).create();
    } catch (KubernetesClientException e) {
      log.debug("The event {} of {} was not recorded", announcement, metadata.getName(), e);
    }
  }

  /** What the cluster last said about the claim. */
  Optional<Event> lastOf(PersistentVolumeClaim claim) {
    try {
      return client
          .events()
          .v1()
          .events()
          .inNamespace(claim.getMetadata().getNamespace())
          .withField("regarding.kind", "PersistentVolumeClaim")
          .withField("regarding.name", claim.getMetadata().getName())
          .list()
          .getItems()
          .stream()
          .max(Comparator.comparing(StoreEvents::time));
    } catch (KubernetesClientException e) {
      log.debug("The events of {} cannot be read", claim.getMetadata().getName(), e);
      return Optional.empty();
    }
  }

  private static String time(Event event) {
    return Optional.ofNullable(event.getSeries())
        .map(series -> series.getLastObservedTime().getTime())
        .or(() -> Optional.ofNullable(event.getDeprecatedLastTimestamp()))
        .or(() -> Optional.ofNullable(event.getEventTime()).map(MicroTime::getTime))
        .orElse("");
  }

  private static ObjectReference reference(KvStore store) {
    var metadata = store.getMetadata();
    return new ObjectReferenceBuilder()
        .withApiVersion(HasMetadata.getApiVersion(KvStore.class))
        .withKind(HasMetadata.getKind(KvStore.class))
        .withNamespace(metadata.getNamespace())
        .withName(metadata.getName())
        .withUid(metadata.getUid())
        .build();
  }

  private static String shortened(String sentence) {
    return sentence.length() > MAX_NOTE ? sentence.substring(0, MAX_NOTE - 1) + "…" : sentence;
  }
}
