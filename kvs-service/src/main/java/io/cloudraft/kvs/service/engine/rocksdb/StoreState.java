package io.cloudraft.kvs.service.engine.rocksdb;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.cloudraft.kvs.service.store.Revision;
import java.nio.ByteBuffer;

/**
 * What a commit leaves behind beside the keys: written in the same batch, so it is exact.
 *
 * <p>On disk, under {@link #KEY}: four numbers of 8 bytes, big-endian, in the order below. Format 1
 * of the data had the first two only, and no history.
 *
 * @param revision the last change
 * @param keys how many keys there are, expired ones that were not deleted yet included
 * @param compacted the last change that the history does not hold any more
 * @param historyBytes the size of the history's keys and values
 */
record StoreState(Revision revision, long keys, Revision compacted, long historyBytes) {
  static final StoreState EMPTY = new StoreState(Revision.NONE, 0, Revision.NONE, 0);
  private static final byte[] KEY = "state".getBytes(US_ASCII);

  static byte[] key() {
    return KEY.clone();
  }

  byte[] encode() {
    return ByteBuffer.allocate(32)
        .putLong(revision.number())
        .putLong(keys)
        .putLong(compacted.number())
        .putLong(historyBytes)
        .array();
  }

  static StoreState decode(byte[] bytes) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    Revision revision = new Revision(buffer.getLong());
    long keys = buffer.getLong();
    return buffer.hasRemaining()
        ? new StoreState(revision, keys, new Revision(buffer.getLong()), buffer.getLong())
        : new StoreState(revision, keys, revision, 0);
  }
}
