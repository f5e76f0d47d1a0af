package io.cloudraft.kvs.operator.status;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.cloudraft.kvs.operator.Stores;
import io.cloudraft.kvs.operator.api.KvStore;
import io.cloudraft.kvs.operator.api.KvStoreStatus;
import io.cloudraft.kvs.operator.api.StoreCondition;
import io.cloudraft.kvs.operator.settings.StoreSettings;
import io.cloudraft.kvs.operator.status.Verdict.Phase;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StatusReportTest {
  private static final Instant EARLIER = Instant.parse("2030-01-01T00:00:00.5Z");
  private static final Instant LATER = Instant.parse("2030-01-01T00:01:00Z");
  private static final Verdict READY = new Verdict(Phase.READY, Reason.Available, "It answers.");
  private static final Verdict ROLLING =
      new Verdict(Phase.RECONCILING, Reason.RollingOut, "0 of 1.");
  private static final Verdict GROWING =
      new Verdict(Phase.UNFINISHED, Reason.Resizing, "It answers and grows.");
  private static final Verdict STUCK = new Verdict(Phase.STALLED, Reason.Refused, "Quota.");
  private static final Verdict RESTING =
      new Verdict(Phase.RESTING, Reason.ScaledToZero, "It rests.");

  private final KvStore store = Stores.with("{}");

  @Test
  void saysEachPhaseInThreeConditions() {
    assertConditions(READY, "Ready=True Reconciling=False Stalled=False");
    assertConditions(GROWING, "Ready=True Reconciling=True Stalled=False");
    assertConditions(ROLLING, "Ready=False Reconciling=True Stalled=False");
    assertConditions(STUCK, "Ready=False Reconciling=False Stalled=True");
    assertConditions(RESTING, "Ready=False Reconciling=False Stalled=False");
  }

  @Test
  void namesTheGenerationInTheStatusAndInEachCondition() {
    var status = status(READY, EARLIER);

    assertThat(status.observedGeneration()).isEqualTo(3);
    assertThat(status.conditions()).extracting(StoreCondition::observedGeneration).containsOnly(3L);
  }

  @Test
  void namesTheGenerationObservedBeforeWhilePaused() {
    store.setStatus(status(READY, EARLIER));
    store.getMetadata().setGeneration(4L);

    assertThat(StatusReport.isCurrent(store)).isFalse();
    var paused = status(Verdict.paused(READY, false), LATER);
    assertThat(paused.observedGeneration()).isEqualTo(3);
    assertThat(paused.conditions()).extracting(StoreCondition::observedGeneration).containsOnly(3L);
  }

  @Test
  void saysTheSentenceInReadyAndInTheConditionThatIsTrue() {
    assertThat(condition(status(STUCK, EARLIER), "Ready").message()).isEqualTo("Quota.");
    assertThat(condition(status(STUCK, EARLIER), "Stalled").message()).isEqualTo("Quota.");
  }

  @Test
  void saysASentenceInEachConditionThatIsFalseToo() {
    for (var verdict : List.of(READY, ROLLING, STUCK, RESTING)) {
      assertThat(conditions(status(verdict, EARLIER)))
          .extracting(StoreCondition::message)
          .as(verdict.toString())
          .allMatch(message -> message != null && message.endsWith("."));
    }
    assertThat(condition(status(STUCK, EARLIER), "Reconciling").message())
        .isEqualTo("It waits for help: see Stalled.");
    assertThat(condition(status(READY, EARLIER), "Reconciling").message())
        .isEqualTo("All that this generation asks for is done.");
    assertThat(condition(status(READY, EARLIER), "Stalled").message())
        .isEqualTo("Nothing stands in the way.");
  }

  @Test
  void movesTheTimeOfAConditionOnlyWithItsStatus() {
    store.setStatus(status(ROLLING, EARLIER));
    var stuck = status(STUCK, LATER);

    assertThat(condition(stuck, "Ready").lastTransitionTime()).isEqualTo("2030-01-01T00:00:00Z");
    assertThat(condition(stuck, "Reconciling").lastTransitionTime())
        .isEqualTo("2030-01-01T00:01:00Z");
    assertThat(condition(stuck, "Stalled").lastTransitionTime()).isEqualTo("2030-01-01T00:01:00Z");
  }

  @Test
  void isEqualToTheStoredOneWhenThereIsNothingNewToSay() {
    store.setStatus(status(READY, EARLIER));

    assertThat(status(READY, LATER)).isEqualTo(store.getStatus());
  }

  @Test
  void countsThePodsAndTellsHowToSelectThem() {
    var status = status(READY, EARLIER);

    assertThat(status.replicas()).isEqualTo(1);
    assertThat(status.readyReplicas()).isEqualTo(1);
    assertThat(status.selector())
        .isEqualTo("app.kubernetes.io/name=kvs-service,kvs.cloudraft.io/store=demo");
  }

  @Test
  void tellsTheUrlOfTheIngressOrOfTheService() {
    assertThat(status(READY, EARLIER).url()).isEqualTo("http://demo.shop.kvs.localhost");
    assertThat(urlOf("{ingress: {host: a.example.com, tlsSecretName: tls}}"))
        .isEqualTo("https://a.example.com");
    assertThat(urlOf("{ingress: {host: a.example.com, path: /shop/store}}"))
        .isEqualTo("http://a.example.com/shop/store");
    assertThat(urlOf("{ingress: {enabled: false}}")).isEqualTo("http://demo.shop.svc:8000");
    assertThat(urlOf("{ingress: {enabled: false}, gateway: {parentRefs: [{name: a}]}}"))
        .isEqualTo("http://demo.shop.kvs.localhost");
    assertThat(urlOf("{ingress: {enabled: false}, gateway: {parentRefs: [{name: a, port: 443}]}}"))
        .isEqualTo("https://demo.shop.kvs.localhost");
  }

  @Test
  void keepsUrlAndEngineOfAStoreThatBecameInvalid() {
    store.setStatus(status(READY, EARLIER));
    var report = new StatusReport(store, Optional.empty(), Optional.empty(), Optional.empty());

    assertThat(report.with(STUCK, LATER).url()).isEqualTo("http://demo.shop.kvs.localhost");
    assertThat(report.with(STUCK, LATER).engine()).isEqualTo("RocksDB");
  }

  @Test
  void tellsTheEngine() {
    var etcd = Stores.etcd();
    var settings = Optional.of(StoreSettings.from(etcd, Stores.OPERATOR));
    var report = new StatusReport(etcd, settings, Optional.empty(), Optional.empty());

    assertThat(status(READY, EARLIER).engine()).isEqualTo("RocksDB");
    assertThat(report.with(READY, EARLIER).engine()).isEqualTo("Etcd");
  }

  @Test
  void tellsTheReleaseThatAnswersWhileOneDoes() {
    assertThat(status(READY, EARLIER).serviceVersion()).isEqualTo("1.2.3");
    store.setStatus(status(READY, EARLIER));
    assertThat(status(ROLLING, LATER).serviceVersion()).isNull();
    assertThat(releaseOf("registry:5000/kvs-service")).isEqualTo("latest");
    assertThat(releaseOf("registry:5000/shop/kvs-service:2@sha256:0123")).isEqualTo("2");
    assertThat(releaseOf("kvs-service@sha256:0123")).isEqualTo("sha256:0123");
  }

  private String releaseOf(String image) {
    var running = Deployments.available();
    running.getSpec().getTemplate().getSpec().getContainers().getLast().setImage(image);
    return String.valueOf(
        new StatusReport(store, Optional.empty(), Optional.of(running), Optional.empty())
            .with(READY, EARLIER)
            .serviceVersion());
  }

  @Test
  void tellsTheSizeAndTheClassOfTheClaimOnceItIsBound() {
    assertThat(withClaim("Pending").storage()).isNull();
    assertThat(withClaim("Pending").storageClass()).isNull();
    assertThat(withClaim("Bound").storage()).isEqualTo("2Gi");
    assertThat(withClaim("Bound").storageClass()).isEqualTo("fast");
  }

  @Test
  void tellsTheSizeThatTheVolumeHasWhileItGrows() {
    assertThat(withCapacity("1Gi").storage()).isEqualTo("1Gi");
    assertThat(withCapacity("2Gi").storage()).isEqualTo("2Gi");
    assertThat(withCapacity("10Gi").storage())
        .as("what is claimed, of a volume that has more")
        .isEqualTo("2Gi");
  }

  private KvStoreStatus withCapacity(String capacity) {
    return withClaim("Bound", Map.of("storage", new Quantity(capacity)));
  }

  private KvStoreStatus status(Verdict verdict, Instant now) {
    return new StatusReport(
            store,
            Optional.of(StoreSettings.from(store, Stores.OPERATOR)),
            Optional.of(Deployments.available()),
            Optional.empty())
        .with(verdict, now);
  }

  private KvStoreStatus withClaim(String phase) {
    return withClaim(phase, Map.of());
  }

  private KvStoreStatus withClaim(String phase, Map<String, Quantity> capacity) {
    PersistentVolumeClaim claim =
        new PersistentVolumeClaimBuilder()
            .withNewSpec()
            .withStorageClassName("fast")
            .withNewResources()
            .addToRequests("storage", new Quantity("2Gi"))
            .endResources()
            .endSpec()
            .withNewStatus()
            .withPhase(phase)
            .withCapacity(capacity)
            .endStatus()
            .build();
    return new StatusReport(store, Optional.empty(), Optional.empty(), Optional.of(claim))
        .with(READY, EARLIER);
  }

  private static String urlOf(String spec) {
    var report =
        new StatusReport(
            Stores.with(spec),
            Optional.of(Stores.settings(spec)),
            Optional.empty(),
            Optional.empty());
    return String.valueOf(report.with(READY, EARLIER).url());
  }

  private void assertConditions(Verdict verdict, String expected) {
    assertThat(
            String.join(
                " ",
                conditions(status(verdict, EARLIER)).stream()
                    .map(condition -> condition.type() + "=" + condition.status())
                    .toList()))
        .isEqualTo(expected);
  }

  private static StoreCondition condition(KvStoreStatus status, String type) {
    return conditions(status).stream()
        .filter(condition -> condition.type().equals(type))
        .findFirst()
        .orElseThrow();
  }

  private static List<StoreCondition> conditions(KvStoreStatus status) {
    return requireNonNull(status.conditions());
  }
}
