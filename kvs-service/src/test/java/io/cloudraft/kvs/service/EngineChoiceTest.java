package io.cloudraft.kvs.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cloudraft.kvs.service.codec.Limits;
import io.cloudraft.kvs.service.engine.etcd.EtcdSettings;
import io.cloudraft.kvs.service.store.Bytes;
import io.cloudraft.kvs.service.store.Revision;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EngineChoiceTest {
  private static final Limits LIMITS = new Limits(1024, 1024 * 1024);

  private static EngineChoice etcd(String endpoints, String prefix, String timeout, Limits limits) {
    return EngineChoice.parse(
        "etcd",
        "7",
        new EngineChoice.Written(endpoints, prefix, "", "/login", timeout, "128", "1572864"),
        limits);
  }

  @Test
  void takesTheEmbeddedEngineWhateverEtcdIs() {
    assertThat(
            EngineChoice.parse(
                "rocksdb", "7", new EngineChoice.Written("", "", "", "", "", "", ""), LIMITS))
        .isEqualTo(new EngineChoice(new Revision(7), Optional.empty()));
  }

  @Test
  void takesAnEtcdOfAnySize() {
    assertThat(etcd("https://a:2379, https://b:2379", "/kvs/demo/", "2000", LIMITS).etcd())
        .contains(
            new EtcdSettings(
                List.of(URI.create("https://a:2379"), URI.create("https://b:2379")),
                Bytes.utf8("/kvs/demo/"),
                Optional.empty(),
                Optional.of(Path.of("/login")),
                Duration.ofSeconds(2),
                128,
                1572864,
                new Revision(7)));
  }

  @Test
  void refusesAnotherEngine() {
    assertThatThrownBy(
            () ->
                EngineChoice.parse(
                    "redis", "0", new EngineChoice.Written("", "", "", "", "", "", ""), LIMITS))
        .hasMessage("KVS_ENGINE is \"redis\", and must be rocksdb or etcd.");
    assertThatThrownBy(
            () ->
                EngineChoice.parse(
                    "rocksdb", "-1", new EngineChoice.Written("", "", "", "", "", "", ""), LIMITS))
        .hasMessageStartingWith("KVS_FIRST_REVISION is \"-1\", and must be a whole number");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "localhost:2379",
        "ftp://a:1",
        "http://",
        "http://a:2379,",
        "http://user:secret@a:1",
        "http://a:2379/path",
        "http://a:x"
      })
  void refusesWhatIsNoAddress(String endpoints) {
    assertThatThrownBy(() -> etcd(endpoints, "/kvs/", "2000", LIMITS))
        .hasMessageStartingWith("KVS_ETCD_ENDPOINTS is \"")
        .hasMessageEndingWith(
            "must be the addresses of all members of etcd with commas in between, such as http://etcd-0.etcd:2379,http://etcd-1.etcd:2379.");
  }

  @Test
  void showsNoPassword() {
    assertThatThrownBy(() -> etcd("http://user:secret@a:1", "/kvs/", "2000", LIMITS))
        .hasMessageContaining("http://...@a:1")
        .hasMessageNotContaining("secret");
  }

  @Test
  void refusesToTalkInTheClearToSomeMembersOnly() {
    assertThatThrownBy(() -> etcd("https://a:2379,http://b:2379", "/kvs/", "2000", LIMITS))
        .hasMessageContaining("either all http or all https");
  }

  @ParameterizedTest
  @CsvSource({
    "'', 2000, KVS_ETCD_KEY_PREFIX",
    "a b, 2000, KVS_ETCD_KEY_PREFIX",
    "a, 0, KVS_ETCD_TIMEOUT",
    "a, 5s, KVS_ETCD_TIMEOUT"
  })
  void refusesOtherBadSettingsByName(String prefix, String timeout, String name) {
    assertThatThrownBy(() -> etcd("http://a:2379", prefix, timeout, LIMITS))
        .hasMessageStartingWith(name + " is \"");
  }

  @Test
  void refusesValuesThatNoRequestOfEtcdCouldHold() {
    assertThatThrownBy(() -> etcd("http://a:2379", "/kvs/", "2000", new Limits(1024, 1572864)))
        .hasMessage(
            "KVS_MAX_VALUE_BYTES is \"1572864\", and must be at most 1566720 with the engine etcd, so that a value and its key of KVS_MAX_KEY_BYTES fit into a request of KVS_ETCD_MAX_REQUEST_BYTES (1572864).");
  }
}
