package io.cloudraft.kvs.service.engine.rocksdb;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cloudraft.kvs.service.engine.ChangeId;
import io.cloudraft.kvs.service.store.Bytes;
import io.cloudraft.kvs.service.store.Entry;
import io.cloudraft.kvs.service.store.Freeze;
import io.cloudraft.kvs.service.store.Key;
import io.cloudraft.kvs.service.store.Metadata;
import io.cloudraft.kvs.service.store.Revision;
import io.cloudraft.kvs.service.store.Value;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The bytes on disk, spelled out: stores that exist depend on them. */
class StoredRecordTest {
  private static final String BYTES =
      "01"
          + "0000000000000102"
          + "0000000000000304"
          + "0000000000000005"
          + "03"
          + "612f62"
          + "00ff";
  private static final Value VALUE = new Value("a/b", Bytes.wrap(new byte[] {0, (byte) 0xff}));

  @Test
  void hasItsDocumentedLayout() {
    byte[] encoded =
        StoredRecord.encode(
            new Entry(
                VALUE,
                new Metadata(new Revision(0x102), new Revision(0x304), 5, Optional.empty())));

    assertThat(HexFormat.of().formatHex(encoded)).isEqualTo(BYTES);
  }

  @Test
  void readsBackWhatItWrote() {
    assertThat(StoredRecord.decode(ByteBuffer.wrap(HexFormat.of().parseHex(BYTES))))
        .isEqualTo(
            new Entry(
                VALUE,
                new Metadata(new Revision(0x102), new Revision(0x304), 5, Optional.empty())));
  }

  @Test
  void hasRoomForADeadline() {
    Entry entry =
        new Entry(
            VALUE,
            new Metadata(
                new Revision(0x102),
                new Revision(0x304),
                5,
                Optional.of(Instant.ofEpochMilli(0x0a0b0c))));
    byte[] encoded = StoredRecord.encode(entry);

    assertThat(HexFormat.of().formatHex(encoded))
        .isEqualTo("02" + BYTES.substring(2, 50) + "00000000000a0b0c" + BYTES.substring(50));
    assertThat(StoredRecord.decode(ByteBuffer.wrap(encoded))).isEqualTo(entry);
  }

  @Test
  void keepsTheLongestContentType() {
    Value value = new Value("x".repeat(255), Bytes.EMPTY);
    byte[] encoded =
        StoredRecord.encode(
            new Entry(value, new Metadata(new Revision(1), new Revision(1), 1, Optional.empty())));

    assertThat(StoredRecord.decode(ByteBuffer.wrap(encoded)).value()).isEqualTo(value);
  }

  @Test
  void refusesALayoutThatItDoesNotKnow() {
    assertThatThrownBy(
            () ->
                StoredRecord.decode(
                    ByteBuffer.wrap(HexFormat.of().parseHex("03" + BYTES.substring(2)))))
        .hasMessage("record layout 3");
  }

  @Test
  void hasADocumentedState() {
    StoreState state =
        new StoreState(new Revision(0x102), 3, new Revision(0x100), 77, Optional.empty());

    assertThat(HexFormat.of().formatHex(state.encode()))
        .isEqualTo(
            "0000000000000102" + "0000000000000003" + "0000000000000100" + "000000000000004d");
    assertThat(StoreState.decode(state.encode())).isEqualTo(state);

    StoreState frozen = state.with(Optional.of(new Freeze("one", "http://other", true)));
    assertThat(new String(frozen.encode(), 32, 22, US_ASCII)).isEqualTo("moved one http://other");
    assertThat(StoreState.decode(frozen.encode())).isEqualTo(frozen);
  }

  @Test
  void readsTheStateOfTheFirstFormat() {
    assertThat(StoreState.decode(HexFormat.of().parseHex("0000000000000102" + "0000000000000003")))
        .isEqualTo(StoreState.startingAt(new Revision(0x102), 3));
  }

  @Test
  void hasADocumentedHistory() {
    byte[] encoded =
        StoredChange.encode(
            Instant.ofEpochMilli(0x0a0b0c), Key.of("ab"), HexFormat.of().parseHex(BYTES));

    assertThat(HexFormat.of().formatHex(encoded))
        .isEqualTo("01" + "00000000000a0b0c" + "0002" + "6162" + BYTES);
    assertThat(HexFormat.of().formatHex(new ChangeId(0x304, 0x11).encode()))
        .isEqualTo("0000000000000304" + "0011");
    assertThat(StoredChange.read(encoded).decode(new ChangeId(0x304, 0)).entry().orElseThrow())
        .isEqualTo(StoredRecord.decode(ByteBuffer.wrap(HexFormat.of().parseHex(BYTES))));
  }
}
