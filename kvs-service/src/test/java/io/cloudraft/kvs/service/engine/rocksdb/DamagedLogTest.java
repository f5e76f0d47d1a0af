package io.cloudraft.kvs.service.engine.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.cloudraft.kvs.service.store.Bytes;
import io.cloudraft.kvs.service.store.Key;
import io.cloudraft.kvs.service.store.StoreCannotOpen;
import io.cloudraft.kvs.service.store.Value;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** As a store leaves it that ends, and with the room behind that it has until then. */
@ParameterizedClass
@ValueSource(ints = {0, LogRoom.STEP})
class DamagedLogTest {
  private static final int WRITES = 20;

  @Parameter int room;
  @TempDir Path directory;
  private Path log;

  @BeforeEach
  void fill() throws IOException {
    try (RocksDbStore store = Stores.open(directory)) {
      for (int i = 0; i < WRITES; i++) {
        store.put(Key.of("key-" + i), Value.text("value-" + i)).join();
      }
    }
    log = newestLog();
    addRoom(log);
  }

  private void addRoom(Path file) throws IOException {
    try (RandomAccessFile access = new RandomAccessFile(file.toFile(), "rw")) {
      access.setLength(access.length() + room);
    }
  }

  private Path newestLog() throws IOException {
    return Stores.newestLog(directory);
  }

  @Test
  void inTheMiddleIsRefusedWithWhatToDo() throws IOException {
    byte[] damaged = flipped(Files.readAllBytes(log), (int) (Files.size(log) - room) / 2);
    Files.write(log, damaged);

    assertThatThrownBy(() -> Stores.open(directory))
        .isInstanceOf(StoreCannotOpen.class)
        .hasMessageContaining(directory.toString())
        .hasMessageContaining("left as it is")
        .hasMessageContaining("Restore");
    assertThat(log).hasBinaryContent(damaged);
  }

  @Test
  void isRefusedAgainWhenItIsTriedAgain() throws IOException {
    Files.write(log, flipped(Files.readAllBytes(log), (int) (Files.size(log) - room) / 2));

    assertThatThrownBy(() -> Stores.open(directory)).isInstanceOf(StoreCannotOpen.class);
    assertThatThrownBy(() -> Stores.open(directory)).isInstanceOf(StoreCannotOpen.class);
  }

  /** A write that the power cut short was never acknowledged: what came before it is all there. */
  @Test
  void thatEndsInTheMiddleOfAWriteOpensWithAllWritesBefore() throws IOException {
    assumeThat(room).isZero();
    byte[] whole = Files.readAllBytes(log);
    Files.write(log, Arrays.copyOf(whole, whole.length - 5));

    try (RocksDbStore store = Stores.open(directory)) {
      assertThat(store.count()).isEqualTo(WRITES - 1);
      assertThat(store.get(Key.of("key-" + (WRITES - 2)))).isPresent();
      assertThat(store.put(Key.of("next"), Value.text("")).join().number()).isEqualTo(WRITES);
    }
  }

  /** Whatever was stored: here, the log of a store. */
  @Test
  void thatEndsInTheMiddleOfAValueThatLooksLikeALogOpensWithAllWritesBefore() throws IOException {
    assumeThat(room).isZero();
    byte[] value = Files.readAllBytes(log);
    Path newest;
    try (RocksDbStore store = Stores.open(directory)) {
      store.put(Key.of("before"), Value.text("")).join();
      store.put(Key.of("log"), new Value(Value.TEXT, Bytes.wrap(value))).join();
      newest = newestLog();
    }
    byte[] whole = Files.readAllBytes(newest);
    Files.write(newest, Arrays.copyOf(whole, whole.length - 5));

    try (RocksDbStore store = Stores.open(directory)) {
      assertThat(store.count()).isEqualTo(WRITES + 1);
    }
  }

  /** A disk may have written the blocks of what was not synced in any order. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 8, 9, 15, 23})
  void thatEndsInALargeWriteWithoutOneOfItsBlocksOpensWithAllWritesBefore(int block)
      throws IOException {
    putLarge("large");
    zero(newestLog(), block);

    try (RocksDbStore store = Stores.open(directory)) {
      assertThat(store.count()).isEqualTo(WRITES);
      assertThat(store.put(Key.of("next"), Value.text("")).join().number()).isEqualTo(WRITES + 1);
    }
    try (RocksDbStore store = Stores.open(directory)) {
      assertThat(store.count()).isEqualTo(WRITES + 1);
    }
  }

  /** What another write follows on was acknowledged. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 8, 9, 15, 23})
  void withoutABlockOfAWriteBeforeTheLastIsRefused(int block) throws IOException {
    putLarge("large", "last");
    Path newest = newestLog();
    zero(newest, block);
    byte[] damaged = Files.readAllBytes(newest);

    assertThatThrownBy(() -> Stores.open(directory)).isInstanceOf(StoreCannotOpen.class);
    assertThat(newest).hasBinaryContent(damaged);
  }

  /** Each part of a large last write is damaged in turn: it was acknowledged. */
  @ParameterizedTest
  @ValueSource(ints = {3, 5, 6, 20, 32 * 1024 + 5, 50_000, 64 * 1024 + 5, 90_000})
  void withDamageToALargeLastWriteIsRefused(int at) throws IOException {
    putLarge("large");
    Files.write(newestLog(), flipped(Files.readAllBytes(newestLog()), at));

    assertThatThrownBy(() -> Stores.open(directory)).isInstanceOf(StoreCannotOpen.class);
  }

  /** The numbers of files are those of tables as well, so a store comes there in some months. */
  @Test
  void isTheLastOneThoughItsNumberHasOneDigitMore() throws IOException {
    putLarge("large");
    zero(newestLog(), 8);
    Path database = directory.resolve("rocksdb");
    Files.move(newestLog(), database.resolve("1000000.log"));
    Files.createFile(database.resolve("999999.log"));

    assertThat(LogFile.mend(database)).isEmpty();
  }

  @Test
  void withRoomOpensWithAllWrites() throws IOException {
    try (RocksDbStore store = Stores.open(directory)) {
      assertThat(store.count()).isEqualTo(WRITES);
    }
  }

  /** It was closed by RocksDB a moment before another one was begun. */
  @Test
  void withRoomBeforeAnotherOneIsWhole() throws IOException {
    Path database = directory.resolve("rocksdb");
    long end = Files.size(log) - room;
    Files.createFile(database.resolve("900000.log"));

    assertThat(LogFile.mend(database)).isEmpty();
    assertThat(Files.size(log)).isEqualTo(end);
  }

  private void putLarge(String... keys) throws IOException {
    byte[] value = new byte[50_000];
    new Random(1).nextBytes(value);
    try (RocksDbStore store = Stores.open(directory)) {
      for (String key : keys) {
        store.put(Key.of(key), new Value(Value.TEXT, Bytes.wrap(value))).join();
      }
    }
    addRoom(newestLog());
  }

  private static void zero(Path file, int block) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    Arrays.fill(bytes, block * 4096, (block + 1) * 4096, (byte) 0);
    Files.write(file, bytes);
  }

  /** Each byte in turn is damaged: the store refuses, or has everything, but never less. */
  @Test
  void inAnyByteNeverCostsWhatWasAcknowledged(@TempDir Path copies) throws IOException {
    int size = (int) (Files.size(log) - room);
    int lastHeader = size - size / WRITES;
    // The records in between are like the first.
    assertNothingIsLost(
        copies,
        log,
        IntStream.range(0, size)
            .filter(at -> at < 130 || Math.abs(at - lastHeader) < 30 || at > size - 130));
  }

  @Test
  void inAnyByteOfTheManifestNeverCostsWhatWasAcknowledged(@TempDir Path copies)
      throws IOException {
    // A start moves what is in the log into a table, which only the manifest knows of.
    Stores.open(directory).close();

    Path manifest = file("MANIFEST-");
    assertNothingIsLost(copies, manifest, IntStream.range(0, (int) Files.size(manifest)));
  }

  private void assertNothingIsLost(Path copies, Path damagedFile, IntStream damagedBytes)
      throws IOException {
    byte[] whole = Files.readAllBytes(damagedFile);
    for (int at : damagedBytes.toArray()) {
      Path copy = copy(copies.resolve("" + at));
      Files.write(copy.resolve(directory.relativize(damagedFile)), flipped(whole, at));
      try (RocksDbStore store = Stores.open(copy)) {
        assertThat(store.count()).as("byte %d of %s", at, damagedFile).isEqualTo(WRITES);
        assertThat(store.get(Key.of("key-0"))).as("byte %d", at).isPresent();
      } catch (StoreCannotOpen refused) {
        assertThat(refused).hasMessageContaining("Restore");
      }
    }
  }

  private Path file(String prefix) throws IOException {
    try (Stream<Path> files = Files.list(directory.resolve("rocksdb"))) {
      return files
          .filter(file -> file.getFileName().toString().startsWith(prefix))
          .findAny()
          .orElseThrow();
    }
  }

  private Path copy(Path target) throws IOException {
    Files.createDirectories(target.resolve("rocksdb"));
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.copy(file, target.resolve(directory.relativize(file)));
      }
    }
    return target;
  }

  private static byte[] flipped(byte[] bytes, int at) {
    byte[] flipped = bytes.clone();
    flipped[at] ^= 0x5a;
    return flipped;
  }
}
