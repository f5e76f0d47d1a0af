package io.cloudraft.kvs.service.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloudraft.kvs.service.store.Bytes;
import io.cloudraft.kvs.service.store.Key;
import io.cloudraft.kvs.service.store.Revision;
import io.cloudraft.kvs.service.store.Search.Order;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CursorTest {
  private static final Bytes SECRET = Bytes.wrap(new byte[32]);
  private static final Cursor CURSOR =
      new Cursor(
          Bytes.utf8("a\0é"),
          Bytes.EMPTY,
          Order.DESCENDING,
          true,
          Key.of("a\0éx"),
          new Revision(Long.MAX_VALUE));

  @Test
  void comesBackAsItWas() {
    Cursor plain =
        new Cursor(
            Bytes.EMPTY, Bytes.utf8("-1"), Order.ASCENDING, false, Key.of("k"), Revision.NONE);

    assertThat(Cursor.decode(CURSOR.encode(SECRET), SECRET)).contains(CURSOR);
    assertThat(Cursor.decode(plain.encode(SECRET), SECRET)).contains(plain);
  }

  @Test
  void needsNoEncodingInAQuery() {
    assertThat(CURSOR.encode(SECRET)).matches("[A-Za-z0-9_-]+");
  }

  @Test
  void isRefusedWhateverByteIsAltered() {
    byte[] bytes = Base64.getUrlDecoder().decode(CURSOR.encode(SECRET));
    for (int i = 0; i < bytes.length; i++) {
      for (int bit = 0; bit < 8; bit++) {
        byte[] altered = bytes.clone();
        altered[i] ^= (byte) (1 << bit);
        String text = Base64.getUrlEncoder().withoutPadding().encodeToString(altered);
        assertThat(Cursor.decode(text, SECRET)).as("byte %d, bit %d", i, bit).isEmpty();
      }
    }
  }

  @Test
  void isRefusedWhateverIsCutOffOrAdded() {
    String text = CURSOR.encode(SECRET);
    for (int length = 0; length < text.length(); length++) {
      assertThat(Cursor.decode(text.substring(0, length), SECRET)).as("first %d", length).isEmpty();
    }
    assertThat(Cursor.decode(text + "A", SECRET)).isEmpty();
    assertThat(Cursor.decode(text + "=", SECRET)).isEmpty();
  }

  @Test
  void isRefusedInAnotherSpelling() {
    Cursor padded =
        new Cursor(Bytes.EMPTY, Bytes.EMPTY, Order.ASCENDING, false, Key.of("kk"), Revision.NONE);
    String text = padded.encode(SECRET);
    char last = text.charAt(text.length() - 1);
    assertThat(text.length() % 4).as("some bits of the last character mean nothing").isNotZero();

    assertThat(Cursor.decode(text.substring(0, text.length() - 1) + (char) (last + 1), SECRET))
        .isEmpty();
  }

  @Test
  void isRefusedByAnotherStore() {
    byte[] other = new byte[32];
    other[31] = 1;

    assertThat(Cursor.decode(CURSOR.encode(SECRET), Bytes.wrap(other))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "é", "====", "a b", "AAAA", "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"})
  void isRefusedWhenItIsAnythingElse(String text) {
    assertThat(Cursor.decode(text, SECRET)).isEmpty();
  }
}
