package io.cloudraft.kvs.service.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloudraft.kvs.service.engine.rocksdb.RocksDbStore;
import io.cloudraft.kvs.service.engine.rocksdb.Stores;
import io.cloudraft.kvs.service.store.Bytes;
import io.cloudraft.kvs.service.store.Change;
import io.cloudraft.kvs.service.store.Key;
import io.cloudraft.kvs.service.store.Revision;
import io.cloudraft.kvs.service.store.Value;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChangeWatchTest {
  @TempDir Path directory;

  /** The feed may lag behind a watch that has read the history by itself. */
  @Test
  void isNotToldOfWhatItHasSeen() throws Exception {
    try (RocksDbStore store = Stores.open(directory);
        ChangeWatch watch = (ChangeWatch) store.watch(Bytes.EMPTY, Bytes.EMPTY, Revision.NONE)) {
      store.put(Key.of("a"), Value.text("1")).join();
      assertThat(watch.next(Duration.ofSeconds(10))).hasSize(1);

      assertThat(watch.offer(new ChangeId(1, 0))).isTrue();

      assertThat(watch.next(Duration.ofMillis(10))).isEmpty();
      assertThat(watch.seen()).isEqualTo(new Revision(1));
    }
  }

  /** Otherwise it would never hear of what happened between its place and the feed's. */
  @Test
  void isNotRegisteredWhileItLagsBehindTheFeed() {
    try (RocksDbStore store = Stores.open(directory)) {
      Revision newest = store.put(Key.of("a"), Value.text("1")).join();
      History history = new Empty();
      try (ChangeFeed feed = new ChangeFeed(history, store::revision);
          ChangeWatch upToDate = new ChangeWatch(feed, history, Bytes.EMPTY, Bytes.EMPTY, newest);
          ChangeWatch laggard =
              new ChangeWatch(feed, history, Bytes.EMPTY, Bytes.EMPTY, Revision.NONE)) {
        assertThat(feed.register(upToDate, newest)).isTrue();
        assertThat(feed.register(laggard, Revision.NONE)).isFalse();
      }
    }
  }

  @Test
  void readsFromTheHistoryWhatItHadNoRoomFor() throws Exception {
    try (RocksDbStore store = Stores.open(directory);
        ChangeWatch watch = (ChangeWatch) store.watch(Bytes.EMPTY, Bytes.EMPTY)) {
      assertThat(watch.next(Duration.ZERO)).isEmpty();
      for (int i = 0; i < 2000; i++) {
        store.put(Key.of("a"), Value.text("" + i)).join();
      }
      List<Change> changes = new ArrayList<>();
      while (changes.size() < 2000) {
        changes.addAll(watch.next(Duration.ofSeconds(10)));
      }
      assertThat(changes.stream().map(change -> change.revision().number()))
          .doesNotHaveDuplicates()
          .isSorted();
    }
  }

  /** The feed may just have read what one that has ended was to be told. */
  @Test
  void isToldOfEverythingSinceItBeganWhereAnotherOneEndsMeanwhile() throws Exception {
    Three history = new Three();
    try (ChangeFeed feed = new ChangeFeed(history, () -> Three.NEWEST);
        ChangeWatch former =
            new ChangeWatch(feed, history, Bytes.EMPTY, Bytes.EMPTY, new Revision(2));
        ChangeWatch later =
            new ChangeWatch(feed, history, Bytes.EMPTY, Bytes.EMPTY, new Revision(1))) {
      feed.register(former, new Revision(2));
      CountDownLatch registered = new CountDownLatch(1);
      history.meanwhile =
          () -> {
            feed.unregister(former);
            feed.register(later, new Revision(1));
            registered.countDown();
          };
      feed.start();
      registered.await();

      List<Change> changes = new ArrayList<>();
      while (changes.stream().noneMatch(change -> change.revision().equals(Three.NEWEST))) {
        changes.addAll(later.next(Duration.ofSeconds(10)));
      }
      assertThat(changes)
          .extracting(Change::revision)
          .containsExactly(new Revision(2), Three.NEWEST);
    }
  }

  /** A change of one key in each of three transactions. */
  private static final class Three implements History {
    private static final Revision NEWEST = new Revision(3);
    private static final Key KEY = Key.of("a");

    private Runnable meanwhile = () -> {};

    @Override
    public Headlines headlines(Revision after) {
      List<Headline> changes = new ArrayList<>();
      for (long i = after.number() + 1; i <= NEWEST.number(); i++) {
        changes.add(new Headline(new ChangeId(i, 0), KEY));
      }
      Runnable once = meanwhile;
      meanwhile = () -> {};
      once.run();
      return new Headlines(changes, NEWEST);
    }

    @Override
    public Part read(ChangeId from, Predicate<Key> matches) {
      throw new AssertionError("a watch that is told of changes reads no others");
    }

    @Override
    public Change read(ChangeId id) {
      return new Change(new Revision(id.revision()), KEY, Optional.empty());
    }
  }

  private static final class Empty implements History {
    @Override
    public Headlines headlines(Revision after) {
      return new Headlines(List.of(), after);
    }

    @Override
    public Part read(ChangeId from, Predicate<Key> matches) {
      return new Part(List.of(), from, true);
    }

    @Override
    public Change read(ChangeId id) {
      throw new AssertionError("there is none");
    }
  }
}
