package io.cloudraft.kvs.service.engine.rocksdb;

import io.cloudraft.kvs.service.engine.ChangeId;
import io.cloudraft.kvs.service.store.Bytes;
import io.cloudraft.kvs.service.store.Change;
import io.cloudraft.kvs.service.store.Key;
import io.cloudraft.kvs.service.store.Revision;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Optional;

/**
 * A change as the history keeps it, under its {@link ChangeId}. Numbers are big-endian.
 *
 * <pre>
 * byte 0         layout: 1
 * bytes 1-8      when it happened, in milliseconds since 1970
 * bytes 9-10     length n of the key
 * n bytes        the key
 * the rest       what was put, as a {@link StoredRecord}; nothing for a deletion
 * </pre>
 */
final class StoredChange {
  private static final byte LAYOUT = 1;
  private static final int HEAD_SIZE = 1 + Long.BYTES + Short.BYTES;

  private final ByteBuffer bytes;

  private StoredChange(byte[] bytes) {
    this.bytes = ByteBuffer.wrap(bytes);
  }

  static byte[] encode(Instant time, Key key, byte[] record) {
    return ByteBuffer.allocate(HEAD_SIZE + key.bytes().size() + record.length)
        .put(LAYOUT)
        .putLong(time.toEpochMilli())
        .putShort((short) key.bytes().size())
        .put(key.bytes().array())
        .put(record)
        .array();
  }

  static StoredChange read(byte[] bytes) {
    if (bytes[0] != LAYOUT) {
      throw new IllegalArgumentException("change layout " + bytes[0]);
    }
    return new StoredChange(bytes);
  }

  Instant time() {
    return Instant.ofEpochMilli(bytes.getLong(1));
  }

  Key key() {
    byte[] key = new byte[Short.toUnsignedInt(bytes.getShort(1 + Long.BYTES))];
    bytes.get(HEAD_SIZE, key);
    return new Key(Bytes.wrap(key));
  }

  int size() {
    return bytes.capacity();
  }

  Change decode(ChangeId id) {
    Key key = key();
    ByteBuffer record =
        bytes.slice(HEAD_SIZE + key.bytes().size(), size() - HEAD_SIZE - key.bytes().size());
    return new Change(
        new Revision(id.revision()),
        key,
        record.hasRemaining() ? Optional.of(StoredRecord.decode(record)) : Optional.empty());
  }
}
