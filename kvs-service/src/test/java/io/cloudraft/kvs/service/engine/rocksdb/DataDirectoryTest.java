package io.cloudraft.kvs.service.engine.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cloudraft.kvs.service.store.Bytes;
import io.cloudraft.kvs.service.store.Entry;
import io.cloudraft.kvs.service.store.Key;
import io.cloudraft.kvs.service.store.Metadata;
import io.cloudraft.kvs.service.store.Revision;
import io.cloudraft.kvs.service.store.StoreCannotOpen;
import io.cloudraft.kvs.service.store.StoreFailure;
import io.cloudraft.kvs.service.store.Value;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataDirectoryTest {
  private static final Key KEY = Key.of("abc-1");

  @TempDir Path parent;

  private Path directory() {
    return parent.resolve("made/on/the/way");
  }

  private void fill() {
    try (RocksDbStore store = Stores.open(directory())) {
      store.put(KEY, Value.text("1")).join();
    }
  }

  @Test
  void isMadeWhereItIsMissing() {
    fill();

    try (RocksDbStore store = Stores.open(directory())) {
      assertThat(store.get(KEY)).isPresent();
      assertThat(store.count()).isEqualTo(1);
    }
  }

  /** Or cursors would not survive a restart. */
  @Test
  void keepsItsSecret() {
    Bytes secret;
    try (RocksDbStore store = Stores.open(directory())) {
      secret = store.secret();
      assertThat(secret.size()).isEqualTo(32);
    }
    try (RocksDbStore store = Stores.open(directory())) {
      assertThat(store.secret()).isEqualTo(secret);
    }
  }

  @Test
  void saysWhichFormatItHas() throws IOException {
    fill();

    assertThat(directory().resolve("FORMAT")).hasContent("kvs rocksdb format 2");
  }

  @Test
  void ofANewerFormatIsRefusedWithBothVersions() throws IOException {
    fill();
    Files.writeString(directory().resolve("FORMAT"), "kvs rocksdb format 3\n");
    List<String> before = files();

    assertThatThrownBy(() -> Stores.open(directory()))
        .isInstanceOf(StoreCannotOpen.class)
        .hasMessageContaining("format 3")
        .hasMessageContaining("formats 1 to 2")
        .hasMessageContaining(directory().toString());
    assertThat(files()).isEqualTo(before);
  }

  @Test
  void ofTheFirstFormatIsBroughtUpToDate() throws IOException {
    Samples.unpackFormat1(directory());

    try (RocksDbStore store = Stores.open(directory())) {
      assertThat(store.get(Key.of("abc-99")))
          .contains(
              new Entry(
                  Value.text("v199"),
                  new Metadata(new Revision(99), new Revision(199), 2, Optional.empty())));
      assertThat(store.count()).isEqualTo(101);
      assertThat(store.revision()).isEqualTo(new Revision(201));
      assertThatThrownBy(() -> store.watch(Bytes.EMPTY, Bytes.EMPTY, new Revision(200)))
          .isInstanceOf(StoreFailure.Compacted.class);
      assertThat(store.put(Key.of("new"), Value.text("")).join()).isEqualTo(new Revision(202));
    }
    assertThat(directory().resolve("FORMAT")).hasContent("kvs rocksdb format 2");
    try (RocksDbStore store = Stores.open(directory())) {
      assertThat(store.count()).isEqualTo(102);
    }
  }

  @Test
  void withAnUnreadableFormatIsRefused() throws IOException {
    fill();
    Files.writeString(directory().resolve("FORMAT"), "");

    assertThatThrownBy(() -> Stores.open(directory()))
        .isInstanceOf(StoreCannotOpen.class)
        .hasMessageContaining("FORMAT");
  }

  @Test
  void whoseDatabaseIsGoneIsRefusedAndNotReplacedByAnEmptyOne() throws IOException {
    fill();
    deleteAll(directory().resolve("rocksdb"));

    assertThatThrownBy(() -> Stores.open(directory()))
        .isInstanceOf(StoreCannotOpen.class)
        .hasMessageContaining(directory().toString())
        .hasMessageContaining("Restore");
  }

  @Test
  void whoseDatabaseWasNotFinishedIsTakenUpAgain() throws IOException {
    fill();
    // As after a crash in the first start, before anything could be acknowledged.
    Files.delete(directory().resolve("FORMAT"));

    fill();

    assertThat(directory().resolve("FORMAT")).exists();
  }

  @Test
  void thatIsNoDirectoryIsRefused() throws IOException {
    Files.writeString(parent.resolve("made"), "a file");

    assertThatThrownBy(() -> Stores.open(directory()))
        .isInstanceOf(StoreCannotOpen.class)
        .hasMessageContaining(directory().toString())
        .hasMessageContaining("KVS_DATA_DIRECTORY");
  }

  @Test
  void inUseByAnotherProcessIsRefused() throws Exception {
    try (WriterProcess other = new WriterProcess(directory())) {
      other.acknowledged(1);

      assertThatThrownBy(() -> Stores.open(directory()))
          .isInstanceOf(StoreCannotOpen.class)
          .hasMessageContaining("in use by another process")
          .hasMessageContaining(directory().toString());
    }
  }

  /** What it is writing just now looks like what a crash leaves of a write. */
  @Test
  void inUseByAnotherProcessIsNotMended() throws Exception {
    try (WriterProcess other = new WriterProcess(directory())) {
      other.acknowledged(1);
      Path log = Stores.newestLog(directory());
      other.pause();
      Files.write(log, new byte[4096], StandardOpenOption.APPEND);
      long size = Files.size(log);

      assertThatThrownBy(() -> Stores.open(directory())).isInstanceOf(StoreCannotOpen.class);
      assertThat(Files.size(log)).isEqualTo(size);
    }
  }

  @Test
  void isWaitedForWhileADyingProcessHasIt() throws Exception {
    try (WriterProcess dying = new WriterProcess(directory())) {
      dying.acknowledged(1);
      Thread killer =
          Thread.ofPlatform()
              .start(
                  () -> {
                    try {
                      // So that it is the opening below that meets the lock first.
                      dying.acknowledged(2000);
                      dying.kill();
                    } catch (IOException | InterruptedException e) {
                      throw new IllegalStateException(e);
                    }
                  });

      try (RocksDbStore store =
          RocksDbStore.open(
              directory(),
              Duration.ofMinutes(1),
              Revision.NONE,
              Stores.UNLIMITED,
              new SimpleMeterRegistry())) {
        assertThat(store.count()).isPositive();
      }
      killer.join();
    }
  }

  private List<String> files() throws IOException {
    try (Stream<Path> all = Files.walk(directory())) {
      return all.map(Path::toString).sorted().toList();
    }
  }

  private static void deleteAll(Path path) throws IOException {
    try (Stream<Path> all = Files.walk(path)) {
      for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(each);
      }
    }
  }
}
