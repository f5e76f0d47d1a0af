package io.cloudraft.kvs.service.engine.rocksdb;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.cloudraft.kvs.service.store.Revision;
import java.nio.ByteBuffer;

/**
 * What a commit leaves behind beside the keys: written in the same batch, so it is exact.
 *
 * <p>On disk, under {@link #KEY}: the revision, then the count, each 8 bytes, big-endian.
 */
record StoreState(Revision revision, long count) {
  static final StoreState EMPTY = new StoreState(Revision.NONE, 0);
  private static final byte[] KEY = "state".getBytes(US_ASCII);

  static byte[] key() {
    return KEY.clone();
  }

  byte[] encode() {
    return ByteBuffer.allocate(16).putLong(revision.number()).putLong(count).array();
  }

  static StoreState decode(byte[] bytes) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    return new StoreState(new Revision(buffer.getLong()), buffer.getLong());
  }
}
