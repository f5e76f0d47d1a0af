package io.cloudraft.kvs.service.engine.rocksdb;

import io.cloudraft.kvs.service.store.Bytes;
import io.cloudraft.kvs.service.store.Key;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Arrays;

/**
 * The order in which keys expire: the deadline, 8 bytes, big-endian, in milliseconds since 1970 and
 * not before it, then the key.
 */
final class ExpiryIndex {
  private ExpiryIndex() {}

  static byte[] encode(Instant expires) {
    return ByteBuffer.allocate(Long.BYTES).putLong(expires.toEpochMilli()).array();
  }

  static byte[] encode(Instant expires, Key key) {
    return ByteBuffer.allocate(Long.BYTES + key.bytes().size())
        .putLong(expires.toEpochMilli())
        .put(key.bytes().array())
        .array();
  }

  static Instant deadline(byte[] encoded) {
    return Instant.ofEpochMilli(ByteBuffer.wrap(encoded).getLong());
  }

  static Key key(byte[] encoded) {
    return new Key(Bytes.wrap(Arrays.copyOfRange(encoded, Long.BYTES, encoded.length)));
  }
}
