package io.cloudraft.kvs.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.cloudraft.kvs.operator.status.Announcement;
import io.fabric8.kubernetes.api.model.StatusBuilder;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class StoreEventsTest {
  private static final String EVENTS = "/apis/events.k8s.io/v1/namespaces/shop/events";
  private static final Instant NOW = Instant.parse("2030-01-01T00:00:00.123456Z");
  private static final Announcement NEWS = new Announcement(true, "Refused", "Quota.");

  private final ApiServer apiServer = new ApiServer();
  private final StoreEvents events = new StoreEvents(apiServer.client());

  @AfterEach
  void stop() {
    apiServer.close();
  }

  @Test
  void areAboutTheStoreAndComeFromTheOperator() {
    events.record(Stores.minimal(), Optional.empty(), NEWS, NOW);

    var event = apiServer.created(EVENTS).getFirst();
    assertThat(event.<String>get("regarding", "kind")).isEqualTo("KvStore");
    assertThat(event.<String>get("regarding", "uid"))
        .isEqualTo(Stores.minimal().getMetadata().getUid());
    assertThat(event.<String>get("type")).isEqualTo("Warning");
    assertThat(event.<String>get("reason")).isEqualTo("Refused");
    assertThat(event.<String>get("note")).isEqualTo("Quota.");
    assertThat(event.<String>get("eventTime")).isEqualTo("2030-01-01T00:00:00.123456Z");
    assertThat(event.<String>get("reportingController")).isEqualTo("kvs-operator");
  }

  @Test
  void haveTheSameNameForTheSameNewsOnly() {
    events.record(Stores.minimal(), Optional.empty(), NEWS, NOW);
    events.record(Stores.minimal(), Optional.empty(), NEWS, NOW.plusSeconds(9));
    events.record(
        Stores.minimal(), Optional.empty(), new Announcement(true, "Refused", "Policy."), NOW);

    var names = apiServer.created(EVENTS).stream().map(e -> e.getMetadata().getName()).toList();
    assertThat(names.get(0))
        .isEqualTo(names.get(1))
        .startsWith("minimal.")
        .isNotEqualTo(names.get(2));
  }

  @Test
  void areNoReasonToFail() {
    apiServer.refuseAlways(
        "POST",
        EVENTS,
        403,
        new StatusBuilder().withStatus("Failure").withMessage("the namespace goes").build());

    assertThatCode(() -> events.record(Stores.minimal(), Optional.empty(), NEWS, NOW))
        .doesNotThrowAnyException();
  }
}
