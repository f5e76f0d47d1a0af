package io.cloudraft.kvs.service.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cloudraft.kvs.service.store.Bytes;
import io.cloudraft.kvs.service.store.Key;
import io.cloudraft.kvs.service.store.Revision;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WatchQueryTest {
  private static final Limits LIMITS = new Limits(8, 100);

  private static WatchQuery parse(@Nullable String query, @Nullable String lastEventId) {
    return WatchQuery.parse(query, lastEventId, LIMITS);
  }

  @Test
  void watchesAllKeysFromNowOnUnlessToldOtherwise() {
    WatchQuery all = parse(null, null);

    assertThat(all)
        .isEqualTo(
            new WatchQuery(Bytes.EMPTY, Bytes.EMPTY, Optional.empty(), Optional.empty(), false));
    assertThat(all.matches(Key.of("x"))).isTrue();
  }

  @Test
  void readsEveryParameter() {
    WatchQuery query = parse("prefix=a+&suffix=-1&from=12&values=true", null);

    assertThat(query.last()).contains(EventId.upTo(new Revision(11)));
    assertThat(query.values()).isTrue();
    assertThat(query.matches(Key.of("a -1"))).isTrue();
    assertThat(query.matches(Key.of("a -2"))).isFalse();
    assertThat(query.matches(Key.of("b -1"))).isFalse();
  }

  @Test
  void watchesOneKeyAndNoneThatOnlyBeginsAndEndsWithIt() {
    WatchQuery query = parse("key=aa", null);

    assertThat(query.matches(Key.of("aa"))).isTrue();
    assertThat(query.matches(Key.of("aaa"))).isFalse();
    assertThat(query.prefix()).isEqualTo(Bytes.utf8("aa"));
    assertThat(query.suffix()).isEqualTo(Bytes.utf8("aa"));
  }

  @Test
  void believesTheLastEventIdRatherThanItsQuery() {
    assertThat(parse("from=1", "12").last()).contains(new EventId(new Revision(12), 0));
    assertThat(parse("from=1", "12.3").last()).contains(new EventId(new Revision(12), 3));
    assertThat(parse("from=1", "0").last()).contains(EventId.upTo(Revision.NONE));
    assertThat(parse("from=2", "").last()).contains(EventId.upTo(new Revision(1)));
  }

  @Test
  void knowsTheLastRevisionOfWhichNothingIsMissing() {
    assertThat(new EventId(new Revision(12), 0).whole()).isEqualTo(new Revision(12));
    assertThat(new EventId(new Revision(12), 3).whole()).isEqualTo(new Revision(11));
    assertThat(new EventId(new Revision(12), 0)).hasToString("12");
    assertThat(new EventId(new Revision(12), 3)).hasToString("12.3");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"x", "-1", "1.", ".1", "1.0", "0.1", "1.2.3", "1 ", "9999999999999999999"})
  void refusesALastEventIdThatIsNone(String id) {
    assertThatThrownBy(() -> parse(null, id))
        .isInstanceOf(RequestRefused.class)
        .hasMessage(
            "The header Last-Event-ID must be the id of an event, such as 12 or 12.3, not \"%s\"."
                .formatted(id));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "from=0 | \"from\" must be a whole number from 1",
        "key= | parameter \"key\" is empty",
        "key=123456789 | has 9 bytes, and at most 8 are allowed (KVS_MAX_KEY_BYTES)",
        "key=a&prefix=b | \"key\" stands for one key",
        "since=1 | \"since\" is unknown",
      })
  void refusesWhatCannotBe(String query, String message) {
    assertThatThrownBy(() -> parse(query, null)).hasMessageContaining(message);
  }
}
