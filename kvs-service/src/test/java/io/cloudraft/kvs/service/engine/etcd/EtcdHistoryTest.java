package io.cloudraft.kvs.service.engine.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.cloudraft.kvs.service.engine.ChangeId;
import io.cloudraft.kvs.service.store.Bytes;
import io.cloudraft.kvs.service.store.Change;
import io.cloudraft.kvs.service.store.Key;
import io.cloudraft.kvs.service.store.Revision;
import io.cloudraft.kvs.service.store.Value;
import io.cloudraft.kvs.service.store.Watch;
import io.etcd.jetcd.api.Event;
import io.etcd.jetcd.api.KeyValue;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@NeedsEtcd
class EtcdHistoryTest {
  @TempDir Path directory;
  private EtcdCluster etcd;

  @BeforeEach
  void start() {
    etcd = EtcdCluster.quick(directory);
  }

  @AfterEach
  void stop() {
    etcd.close();
  }

  /** etcd tells of the past at its own pace, a thousand revisions ten times a second. */
  @Test
  void aWatchOfLittleCatchesUpWithMoreThanCanBeReadInTheTimeOfACall() throws Exception {
    try (EtcdStore store = EtcdCluster.open(etcd.settings("history/", Duration.ofMinutes(1)))) {
      store.put(Key.of("wanted"), Value.text("first")).join();
      for (int i = 0; i < 4; i++) {
        // One after the other, as it is the same key: a revision for each.
        Stream.generate(() -> store.put(Key.of("other"), Value.text("x")))
            .limit(3_000)
            .reduce((_, next) -> next)
            .orElseThrow()
            .join();
      }
      store.put(Key.of("wanted"), Value.text("last")).join();
    }
    Duration shorter = Duration.ofMillis(700);
    try (EtcdStore store = EtcdCluster.open(etcd.settings("history/", shorter));
        Watch ofNow = store.watch(Bytes.EMPTY, Bytes.EMPTY);
        Watch watch = store.watch(Bytes.utf8("wanted"), Bytes.EMPTY, Revision.NONE)) {
      assertThat(ofNow.next(Duration.ZERO)).isEmpty();
      List<Change> seen = new ArrayList<>();
      Awaitility.await()
          .atMost(Duration.ofSeconds(30))
          .ignoreExceptions()
          .until(
              () -> {
                seen.addAll(watch.next(Duration.ofMillis(100)));
                return seen.size() == 2;
              });
      assertThat(seen)
          .extracting(change -> change.entry().orElseThrow().value())
          .containsExactly(Value.text("first"), Value.text("last"));
    }
  }

  /** It has nothing to tell, and does not even say so. */
  @Test
  void anEtcdThatNobodyWritesToIsNotHeldToBeDead() throws Exception {
    try (EtcdStore store = etcd.openEmptyStore();
        Watch watch = store.watch(Bytes.EMPTY, Bytes.EMPTY)) {
      assertThat(watch.next(Duration.ZERO)).isEmpty();
      EtcdMember member = etcd.members().getFirst();
      Awaitility.await().atMost(Duration.ofSeconds(10)).until(() -> member.calls("Watch") == 1);

      // As long as it takes to be held to be dead.
      Awaitility.await()
          .during(Duration.ofSeconds(5))
          .atMost(Duration.ofSeconds(10))
          .until(() -> member.calls("Watch") == 1);
      store.put(Key.of("a"), Value.text("1")).join();
      assertThat(watch.next(Duration.ofSeconds(10))).hasSize(1);
    }
  }

  /** What is kept is bounded by what it takes in memory. */
  @Test
  void aChangeTakesNoMoreThanIsCounted() {
    int count = 50_000;
    KeySpace keys = new KeySpace(Bytes.utf8("p/"));
    Identity identity = new Identity(Bytes.EMPTY, Revision.NONE, 0);
    Places places = new Places(keys, identity);
    NavigableMap<ChangeId, Places.Placed> kept = new TreeMap<>();
    ByteString record = new StoredRecord(Value.text("x"), Optional.empty()).encode();
    long before = memoryInUse();
    long counted = 0;
    for (int i = 1; i <= count; i++) {
      KeyValue put =
          KeyValue.newBuilder()
              .setKey(ByteString.copyFrom(keys.entry(Key.of("k" + i)).toByteArray()))
              .setValue(ByteString.copyFrom(record.toByteArray()))
              .setModRevision(i)
              .setCreateRevision(i)
              .setVersion(1)
              .build();
      Places.Placed placed =
          places.place(Event.newBuilder().setType(Event.EventType.PUT).setKv(put).build());
      kept.put(placed.id(), placed);
      counted += placed.bytes();
    }
    long taken = memoryInUse() - before;
    assertThat(kept).hasSize(count);
    assertThat(taken).isBetween(counted / 2, counted);
  }

  private static long memoryInUse() {
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }
}
