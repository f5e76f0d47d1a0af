package io.cloudraft.kvs.operator.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloudraft.kvs.operator.Stores;
import io.cloudraft.kvs.operator.api.KvStoreStatus;
import io.cloudraft.kvs.operator.status.Verdict.Phase;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AnnouncementTest {
  private static final Verdict READY = new Verdict(Phase.READY, Reason.Available, "It answers.");
  private static final Verdict ROLLING =
      new Verdict(Phase.RECONCILING, Reason.RollingOut, "0 of 1.");
  private static final Verdict STUCK = new Verdict(Phase.STALLED, Reason.Refused, "Quota.");
  private static final Verdict RESTING =
      new Verdict(Phase.RESTING, Reason.ScaledToZero, "It rests.");

  @Test
  void ofANewStore() {
    assertThat(Announcement.of(Optional.empty(), ROLLING)).isEmpty();
    assertThat(Announcement.of(Optional.empty(), STUCK))
        .contains(new Announcement(true, "Refused", "Quota."));
  }

  @Test
  void ofAStoreThatAnswersRestsOrIsStuck() {
    assertThat(Announcement.of(said(ROLLING), READY))
        .contains(new Announcement(false, "Available", "It answers."));
    assertThat(Announcement.of(said(READY), RESTING))
        .contains(new Announcement(false, "ScaledToZero", "It rests."));
    assertThat(
            Announcement.of(
                said(READY), new Verdict(Phase.UNFINISHED, Reason.Resizing, "It grows.")))
        .contains(new Announcement(false, "Resizing", "It grows."));
    assertThat(Announcement.of(said(READY), STUCK))
        .contains(new Announcement(true, "Refused", "Quota."));
  }

  @Test
  void isNoneForStepsOnTheWayNorForTheSameReasonAgain() {
    assertThat(Announcement.of(said(READY), ROLLING)).isEmpty();
    assertThat(Announcement.of(said(READY), READY)).isEmpty();
    assertThat(
            Announcement.of(
                said(STUCK), new Verdict(Phase.STALLED, Reason.Refused, "Other words.")))
        .isEmpty();
  }

  private static Optional<KvStoreStatus> said(Verdict verdict) {
    return Optional.of(
        new StatusReport(Stores.minimal(), Optional.empty(), Optional.empty(), Optional.empty())
            .with(verdict, Instant.EPOCH));
  }
}
