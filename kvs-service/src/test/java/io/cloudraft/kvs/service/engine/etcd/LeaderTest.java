package io.cloudraft.kvs.service.engine.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloudraft.kvs.service.store.Consistency;
import io.cloudraft.kvs.service.store.Key;
import io.cloudraft.kvs.service.store.Value;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which of three members is asked. */
@NeedsEtcd
class LeaderTest {
  private static final Key KEY = Key.of("a");
  private static final int OPERATIONS = 50;

  @TempDir Path directory;

  @Test
  void asksTheOneThatLeadsAndAnotherOneWhenItIsGone() {
    try (EtcdCluster etcd = EtcdCluster.ofThree(directory);
        EtcdStore store = EtcdCluster.open(etcd.settings())) {
      EtcdMember leader =
          etcd.members().stream().filter(EtcdMember::isLeader).findFirst().orElseThrow();
      Awaitility.await()
          .atMost(Duration.ofSeconds(20))
          .untilAsserted(
              () -> {
                long writes = leader.calls("Txn");
                long reads = leader.calls("Range");
                for (int i = 0; i < OPERATIONS; i++) {
                  store.put(KEY, Value.text("" + i)).join();
                  store.get(KEY);
                }
                assertThat(leader.calls("Txn") - writes).isEqualTo(OPERATIONS);
                assertThat(leader.calls("Range") - reads).isGreaterThanOrEqualTo(OPERATIONS);
              });

      List<Long> reads = etcd.members().stream().map(member -> member.calls("Range")).toList();
      for (int i = 0; i < OPERATIONS; i++) {
        store.get(KEY, Consistency.SERIALIZABLE);
      }
      for (int i = 0; i < 3; i++) {
        assertThat(etcd.members().get(i).calls("Range") - reads.get(i))
            .isGreaterThanOrEqualTo(OPERATIONS / 3);
      }

      leader.kill();
      Awaitility.await()
          .atMost(Duration.ofSeconds(20))
          .ignoreExceptions()
          .untilAsserted(() -> store.put(KEY, Value.text("after")).join());
      assertThat(store.get(KEY).orElseThrow().value()).isEqualTo(Value.text("after"));
    }
  }
}
