package io.cloudraft.kvs.service.engine.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cloudraft.kvs.service.store.Bytes;
import io.cloudraft.kvs.service.store.Change;
import io.cloudraft.kvs.service.store.Key;
import io.cloudraft.kvs.service.store.Revision;
import io.cloudraft.kvs.service.store.StoreFailure;
import io.cloudraft.kvs.service.store.Value;
import io.cloudraft.kvs.service.store.Watch;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is left when etcd does not answer: clear answers in time, and a store that comes back. */
@NeedsEtcd
class OutageTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(2);

  /** Far longer than the deadline of a call, and far shorter than for ever. */
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private static final Key KEY = Key.of("a");

  @TempDir Path directory;
  private EtcdCluster etcd;
  private EtcdStore store;

  @BeforeEach
  void open() {
    etcd = EtcdCluster.ofOne(directory);
    store = EtcdCluster.open(etcd.settings("outage/", TIMEOUT));
  }

  @AfterEach
  void close() {
    store.close();
    etcd.close();
  }

  private EtcdMember member() {
    return etcd.members().getFirst();
  }

  private void awaitReady() {
    Awaitility.await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(store.refusesWrites()).isEmpty());
  }

  @Test
  void saysThatEtcdIsGoneAndComesBackWithIt() {
    store.put(KEY, Value.text("before")).join();
    member().kill();

    assertThatThrownBy(() -> store.get(KEY)).isInstanceOf(StoreFailure.Unavailable.class);
    Awaitility.await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(store.refusesWrites())
                    .get()
                    .asString()
                    .contains(
                        "etcd does not answer within 2000 ms (KVS_ETCD_TIMEOUT)",
                        member().clientUrl().toString(),
                        "Connection refused"));
    assertThatThrownBy(() -> store.put(KEY, Value.text("during")).join())
        .hasCauseInstanceOf(StoreFailure.Unavailable.class);

    member().start();
    awaitReady();

    assertThat(store.get(KEY).orElseThrow().value()).isEqualTo(Value.text("before"));
    assertThat(store.put(KEY, Value.text("after")).join()).isEqualTo(new Revision(2));
  }

  /** A connection that stands, and nobody at its other end: no call waits longer than it may. */
  @Test
  void doesNotSayThatAWriteFailedWhenItDoesNotKnow() {
    store.put(KEY, Value.text("before")).join();
    member().pause();

    long start = System.nanoTime();
    assertThatThrownBy(() -> store.put(KEY, Value.text("maybe")).join())
        .isInstanceOf(CompletionException.class)
        .hasCauseInstanceOf(StoreFailure.OutcomeUnknown.class)
        .hasMessageContaining("may have been done");
    assertThatThrownBy(() -> store.get(KEY)).isInstanceOf(StoreFailure.Unavailable.class);
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(PATIENCE);

    member().proceed();
    awaitReady();

    assertThat(store.get(KEY).orElseThrow().value().bytes().toString()).isIn("before", "maybe");
    store.put(KEY, Value.text("after")).join();
    assertThat(store.get(KEY).orElseThrow().value()).isEqualTo(Value.text("after"));
  }

  /** Each would otherwise have a time of its own, after all those before it. */
  @Test
  void writesThatWaitForOthersOfTheirKeyHaveNoMoreTimeForIt() {
    store.put(KEY, Value.text("before")).join();
    member().pause();

    long start = System.nanoTime();
    List<CompletableFuture<Revision>> writes =
        IntStream.range(0, 10).mapToObj(i -> store.put(KEY, Value.text("" + i))).toList();
    assertThatThrownBy(() -> writes.getFirst().join())
        .hasCauseInstanceOf(StoreFailure.OutcomeUnknown.class);
    assertThatThrownBy(() -> writes.getLast().join())
        .hasCauseInstanceOf(StoreFailure.Busy.class)
        .hasMessageContaining("Nothing was done");
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(TIMEOUT.multipliedBy(2));
    member().proceed();
  }

  @Test
  void opensWithoutEtcdAndIsThereOnceEtcdIs() {
    store.put(KEY, Value.text("1")).join();
    member().kill();

    try (EtcdStore early = EtcdCluster.open(etcd.settings("outage/", TIMEOUT))) {
      assertThat(early.refusesWrites()).isPresent();
      assertThatThrownBy(early::secret).isInstanceOf(StoreFailure.Unavailable.class);

      member().start();

      Awaitility.await().atMost(PATIENCE).until(() -> early.refusesWrites().isEmpty());
      assertThat(early.get(KEY).orElseThrow().value()).isEqualTo(Value.text("1"));
      assertThat(early.secret()).isEqualTo(store.secret());
    }
  }

  /** Neither the kill of etcd nor its silence ends a watch, or makes it miss or repeat anything. */
  @Test
  void tellsThoseWhoWatchOfEverythingAfterAnOutage() throws Exception {
    List<Long> told = new ArrayList<>();
    long last = 0;
    try (Watch watch = store.watch(Bytes.EMPTY, Bytes.EMPTY)) {
      for (int round = 0; round < 2; round++) {
        last = store.put(KEY, Value.text("before " + round)).join().number();
        hear(watch, told, last);
        member().kill();
        Awaitility.await().atMost(PATIENCE).until(() -> store.refusesWrites().isPresent());
        assertThat(watch.next(Duration.ofMillis(200))).isEmpty();

        member().start();
        etcd.awaitHealthy();
        // By somebody who was not there before, and so is faster than the watch that comes back.
        try (EtcdStore other = EtcdCluster.open(etcd.settings("outage/", TIMEOUT))) {
          other.put(KEY, Value.text("meanwhile")).join();
        }
        awaitReady();
        for (int i = 0; i < 20; i++) {
          last = store.put(Key.of("b" + i), Value.text("after")).join().number();
        }
        hear(watch, told, last);

        member().pause();
        Awaitility.await().atMost(PATIENCE).until(() -> store.refusesWrites().isPresent());
        member().proceed();
        awaitReady();
        last = store.put(KEY, Value.text("at last")).join().number();
        hear(watch, told, last);
      }
    }
    assertThat(told).isEqualTo(LongStream.rangeClosed(1, last).boxed().toList());
  }

  private static void hear(Watch watch, List<Long> told, long last) throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while ((told.isEmpty() || told.getLast() < last) && System.nanoTime() < deadline) {
      for (Change change : watch.next(Duration.ofSeconds(1))) {
        told.add(change.revision().number());
      }
    }
    assertThat(told.getLast()).isEqualTo(last);
  }
}
