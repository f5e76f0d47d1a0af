package io.cloudraft.kvs.operator;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.cloudraft.kvs.operator.status.Reason;
import io.cloudraft.kvs.operator.status.Verdict;
import io.cloudraft.kvs.operator.status.Verdict.Phase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class VerdictLogTest {
  private static final Verdict ROLLING =
      new Verdict(Phase.RECONCILING, Reason.RollingOut, "0 of 1.");
  private static final Verdict REFUSED = new Verdict(Phase.STALLED, Reason.Refused, "Quota.");

  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
  private final Logger logger = (Logger) LoggerFactory.getLogger(VerdictLog.class);
  private final VerdictLog log = new VerdictLog();

  @BeforeEach
  void listen() {
    lines.start();
    logger.addAppender(lines);
  }

  @AfterEach
  void stopListening() {
    logger.detachAppender(lines);
  }

  @Test
  void saysTheSameOfAStoreOnceAndWhatIsNewEachTime() {
    var store = Stores.minimal().getMetadata();
    log.tell(store, ROLLING);
    log.tell(store, ROLLING);
    log.tell(store, REFUSED);
    log.tell(Stores.full().getMetadata(), REFUSED);
    log.tell(store, REFUSED);
    log.tell(store, ROLLING);

    assertThat(lines.list)
        .extracting(ILoggingEvent::getFormattedMessage)
        .containsExactly(
            "shop/minimal: RollingOut: 0 of 1.",
            "shop/minimal: Refused: Quota.",
            "shop/full: Refused: Quota.",
            "shop/minimal: RollingOut: 0 of 1.");
  }
}
