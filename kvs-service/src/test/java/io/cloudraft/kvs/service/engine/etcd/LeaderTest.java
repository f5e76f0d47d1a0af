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
    try (EtcdCluster etcd = EtcdCluster.start(directory, 3, List.of("--unsafe-no-fsync"));
        EtcdStore store = EtcdCluster.open(etcd.settings())) {
      EtcdMember leader =
          etcd.members().stream().filter(EtcdMember::isLeader).findFirst().orElseThrow();
      Awaitility.await()
          .atMost(Duration.ofSeconds(20))
          .untilAsserted(
              () -> {
                long before = leader.transactions();
                for (int i = 0; i < OPERATIONS; i++) {
                  store.put(KEY, Value.text("" + i)).join();
                  store.get(KEY);
                }
                assertThat(leader.transactions() - before).isEqualTo(2 * OPERATIONS);
              });

      for (int i = 0; i < OPERATIONS; i++) {
        store.get(KEY, Consistency.SERIALIZABLE);
      }
      assertThat(etcd.members()).allSatisfy(one -> assertThat(one.transactions()).isPositive());

      leader.kill();
      Awaitility.await()
          .atMost(Duration.ofSeconds(20))
          .ignoreExceptions()
          .untilAsserted(() -> store.put(KEY, Value.text("after")).join());
      assertThat(store.get(KEY).orElseThrow().value()).isEqualTo(Value.text("after"));
    }
  }
}
