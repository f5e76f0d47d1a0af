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
