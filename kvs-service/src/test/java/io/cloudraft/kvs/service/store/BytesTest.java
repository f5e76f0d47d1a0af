package io.cloudraft.kvs.service.store;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BytesTest {
  private static Bytes bytes(int... values) {
    byte[] array = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      array[i] = (byte) values[i];
    }
    return Bytes.wrap(array);
  }

  @Test
  void comparesBytesAsUnsignedNumbers() {
    assertThat(bytes(0x7f)).isLessThan(bytes(0x80));
    assertThat(bytes(1)).isLessThan(bytes(1, 0));
  }

  @Test
  void readsBackwards() {
    assertThat(bytes(1, 2, 3).reversed()).isEqualTo(bytes(3, 2, 1));
    assertThat(Bytes.EMPTY.reversed()).isEqualTo(Bytes.EMPTY);
  }

  @Test
  void knowsItsBeginningAndEnd() {
    assertThat(bytes(1, 2, 3).startsWith(bytes(1, 2))).isTrue();
    assertThat(bytes(1, 2, 3).startsWith(bytes(2))).isFalse();
    assertThat(bytes(1, 2, 3).endsWith(bytes(2, 3))).isTrue();
    assertThat(bytes(1, 2, 3).endsWith(bytes(2))).isFalse();
    assertThat(bytes(1).startsWith(bytes(1, 2))).isFalse();
    assertThat(bytes(1).endsWith(bytes(2, 1))).isFalse();
    assertThat(bytes(1).endsWith(Bytes.EMPTY)).isTrue();
  }
}
