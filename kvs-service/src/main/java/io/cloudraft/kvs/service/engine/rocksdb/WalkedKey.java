package io.cloudraft.kvs.service.engine.rocksdb;

import io.cloudraft.kvs.service.store.Bytes;
import io.cloudraft.kvs.service.store.Key;
import java.util.Arrays;
import org.rocksdb.RocksIterator;

/**
 * The key at which a walk stands. Each is read into the same bytes and compared there: of the many
 * that a walk passes only those that it keeps become objects.
 */
final class WalkedKey {
  private byte[] bytes = new byte[256];
  private int size;

  void read(RocksIterator index) {
    size = index.key(bytes);
    if (size > bytes.length) {
      // It was cut off.
      bytes = new byte[2 * size];
      size = index.key(bytes);
    }
  }

  void reverse() {
    for (int left = 0, right = size - 1; left < right; left++, right--) {
      byte first = bytes[left];
      bytes[left] = bytes[right];
      bytes[right] = first;
    }
  }

  boolean startsWith(Bytes prefix) {
    int length = prefix.size();
    return length <= size && Arrays.equals(bytes, 0, length, prefix.array(), 0, length);
  }

  boolean endsWith(Bytes suffix) {
    int length = suffix.size();
    return length <= size && Arrays.equals(bytes, size - length, size, suffix.array(), 0, length);
  }

  /** As {@link Key#compareTo}. */
  int compareTo(Key other) {
    byte[] others = other.bytes().array();
    return Arrays.compareUnsigned(bytes, 0, size, others, 0, others.length);
  }

  Key copy() {
    return new Key(Bytes.wrap(Arrays.copyOf(bytes, size)));
  }
}
