package io.cloudraft.kvs.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cloudraft.kvs.service.codec.Limits;
import io.cloudraft.kvs.service.engine.rocksdb.HistoryRetention;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ServiceSettingsTest {

  @Test
  void takesWhatIsInRange() {
    assertThat(
            ServiceSettings.parse(
                "/data", "", "8192", "16777216", "1099511627776", "60", "10000", ""))
        .isEqualTo(
            new ServiceSettings(
                Path.of("/data"),
                Path.of("/data/backups"),
                new Limits(8192, 16777216),
                new HistoryRetention(1099511627776L, Duration.ofMinutes(1)),
                10_000,
                OptionalInt.empty()));
    assertThat(ServiceSettings.parse("data", "", "1", "1", "1048576", "1", "10000", "").limits())
        .isEqualTo(new Limits(1, 1));
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "8193", "-1", "abc", "", "1k", "99999999999"})
  void refusesAnotherKeyLengthByNameValueAndRange(String value) {
    assertThatThrownBy(
            () -> ServiceSettings.parse("data", "", value, "1", "1048576", "1", "10000", ""))
        .hasMessage(
            "KVS_MAX_KEY_BYTES is \"%s\", and must be a whole number of bytes from 1 to 8192."
                .formatted(value));
  }

  @Test
  void refusesAnotherValueSizeByNameValueAndRange() {
    assertThatThrownBy(
            () -> ServiceSettings.parse("data", "", "1", "16777217", "1048576", "1", "10000", ""))
        .hasMessage(
            "KVS_MAX_VALUE_BYTES is \"16777217\", and must be a whole number of bytes from 1 to 16777216.");
  }

  @Test
  void refusesAHistoryThatIsTooSmallOrForNoTimeAtAll() {
    assertThatThrownBy(
            () -> ServiceSettings.parse("data", "", "1", "1", "1048575", "1", "10000", ""))
        .hasMessage(
            "KVS_HISTORY_BYTES is \"1048575\", and must be a whole number of bytes from 1048576 to 1099511627776.");
    assertThatThrownBy(
            () -> ServiceSettings.parse("data", "", "1", "1", "1048576", "0", "10000", ""))
        .hasMessage(
            "KVS_HISTORY_SECONDS is \"0\", and must be a whole number of seconds from 1 to 31622400.");
  }

  @Test
  void refusesMoreWatchesThanAnyProcessCouldHold() {
    assertThat(ServiceSettings.parse("data", "", "1", "1", "1048576", "1", "0", "").maxWatches())
        .isZero();
    assertThatThrownBy(
            () -> ServiceSettings.parse("data", "", "1", "1", "1048576", "1", "100001", ""))
        .hasMessage(
            "KVS_MAX_WATCHES is \"100001\", and must be a whole number of watches from 0 to 100000.");
  }

  @Test
  void limitsRequestsOnlyWhereItIsTold() {
    assertThat(
            ServiceSettings.parse("data", "", "1", "1", "1048576", "1", "1", "1000000")
                .maxRequestsPerSecond())
        .hasValue(1_000_000);
    assertThatThrownBy(() -> ServiceSettings.parse("data", "", "1", "1", "1048576", "1", "1", "0"))
        .hasMessage(
            "KVS_MAX_REQUESTS_PER_SECOND is \"0\", and must be a whole number of requests from 1 to 1000000.");
  }

  @Test
  void takesAnotherDirectoryForBackups() {
    assertThat(
            ServiceSettings.parse("/data", "/elsewhere/../b", "1", "1", "1048576", "1", "1", "")
                .backupDirectory())
        .isEqualTo(Path.of("/b"));
    assertThatThrownBy(() -> ServiceSettings.parse("/data", " ", "1", "1", "1048576", "1", "1", ""))
        .hasMessageStartingWith("KVS_BACKUP_DIRECTORY is ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "  ", "a\0b"})
  void refusesWhatIsNoPath(String path) {
    assertThatThrownBy(() -> ServiceSettings.parse(path, "", "1", "1", "1048576", "1", "10000", ""))
        .hasMessageStartingWith("KVS_DATA_DIRECTORY is ");
  }
}
