package io.cloudraft.kvs.service.engine.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloudraft.kvs.service.store.Bytes;
import io.cloudraft.kvs.service.store.Key;
import io.cloudraft.kvs.service.store.Value;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogRoomTest {
  @TempDir Path directory;

  @Test
  void isThereWhileTheStoreIsOpenAndNotAfterwards() throws IOException {
    Path log;
    try (RocksDbStore store = Stores.open(directory)) {
      store.put(Key.of("a"), Value.text("b")).join();
      log = Stores.newestLog(directory);
      assertThat(Files.size(log)).isGreaterThanOrEqualTo(LogRoom.STEP);
    }
    assertThat(Files.size(log)).isBetween(1L, 1024L);
  }

  @Test
  void isMadeAgainBeforeTheLogIsFull() throws IOException {
    byte[] value = new byte[20_000];
    new Random(1).nextBytes(value);
    try (RocksDbStore store = Stores.open(directory)) {
      for (int i = 0; i < 50; i++) {
        store.put(Key.of("key-" + i), new Value(Value.TEXT, Bytes.wrap(value))).join();
        assertThat(Files.size(Stores.newestLog(directory))).isGreaterThan((i + 1L) * value.length);
      }
      assertEndsWithZeros(Stores.newestLog(directory), 1000);
    }
    try (RocksDbStore store = Stores.open(directory)) {
      assertThat(store.count()).isEqualTo(50);
    }
  }

  private static void assertEndsWithZeros(Path log, int zeros) throws IOException {
    byte[] bytes = Files.readAllBytes(log);
    assertThat(Arrays.copyOfRange(bytes, bytes.length - zeros, bytes.length))
        .containsOnly((byte) 0);
  }

  /** It knows only about how much is in the log. */
  @Test
  void takesNothingOfWhatIsInTheLog() throws IOException {
    Path log = directory.resolve("000007.log");
    byte[] written = new byte[3 * LogRoom.STEP];
    Arrays.fill(written, (byte) 1);
    Files.write(log, Arrays.copyOf(written, 100));
    LogRoom room = new LogRoom(directory);
    room.make(100);
    assertThat(Files.size(log)).isEqualTo(100 + LogRoom.STEP);

    Files.write(log, written);
    room.make(LogRoom.STEP);

    byte[] now = Files.readAllBytes(log);
    assertThat(now).hasSize(written.length + LogRoom.STEP).startsWith(written);
    assertEndsWithZeros(log, LogRoom.STEP);
  }

  @Test
  void doesNotNeedALog() {
    new LogRoom(directory).make(100);

    assertThat(directory).isEmptyDirectory();
  }
}
