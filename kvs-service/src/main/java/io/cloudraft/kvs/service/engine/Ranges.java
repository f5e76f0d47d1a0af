package io.cloudraft.kvs.service.engine;

import io.cloudraft.kvs.service.store.Bytes;
import java.util.Arrays;
import java.util.Optional;

/** Where the keys with a prefix lie among all others. */
public final class Ranges {
  private Ranges() {}

  /** The smallest byte string greater than all that begin with the prefix; none above 0xff. */
  public static Optional<byte[]> endOf(Bytes prefix) {
    byte[] array = prefix.array();
    for (int i = array.length - 1; i >= 0; i--) {
      if (array[i] != (byte) 0xff) {
        byte[] end = Arrays.copyOf(array, i + 1);
        end[i]++;
        return Optional.of(end);
      }
    }
    return Optional.empty();
  }
}
