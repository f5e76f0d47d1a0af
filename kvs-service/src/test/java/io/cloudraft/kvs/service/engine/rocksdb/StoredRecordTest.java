package io.cloudraft.kvs.service.engine.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cloudraft.kvs.service.store.Bytes;
import io.cloudraft.kvs.service.store.Entry;
import io.cloudraft.kvs.service.store.Revision;
import io.cloudraft.kvs.service.store.Value;
import java.util.HexFormat;
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
            new StoredRecord.Head(new Revision(0x102), new Revision(0x304), 5), VALUE);

    assertThat(HexFormat.of().formatHex(encoded)).isEqualTo(BYTES);
  }

  @Test
  void readsBackWhatItWrote() {
    assertThat(StoredRecord.decode(HexFormat.of().parseHex(BYTES)))
        .isEqualTo(new Entry(VALUE, new Revision(0x102), new Revision(0x304), 5));
  }

  @Test
  void keepsTheLongestContentType() {
    Value value = new Value("x".repeat(255), Bytes.EMPTY);
    byte[] encoded =
        StoredRecord.encode(new StoredRecord.Head(new Revision(1), new Revision(1), 1), value);

    assertThat(StoredRecord.decode(encoded).value()).isEqualTo(value);
  }

  @Test
  void refusesALayoutThatItDoesNotKnow() {
    assertThatThrownBy(
            () -> StoredRecord.decode(HexFormat.of().parseHex("02" + BYTES.substring(2))))
        .hasMessage("record layout 2 instead of 1");
  }

  @Test
  void hasADocumentedState() {
    StoreState state = new StoreState(new Revision(0x102), 3);

    assertThat(HexFormat.of().formatHex(state.encode()))
        .isEqualTo("0000000000000102" + "0000000000000003");
    assertThat(StoreState.decode(state.encode())).isEqualTo(state);
  }
}
