package io.cloudraft.kvs.service.engine.rocksdb;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.cloudraft.kvs.service.store.Bytes;
import io.cloudraft.kvs.service.store.Freeze;
import io.cloudraft.kvs.service.store.Revision;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * What a commit leaves behind beside the keys: written in the same batch, so it is exact.
 *
 * <p>On disk, under {@link #KEY}: four numbers of 8 bytes, big-endian, in the order below, and the
 * text of the freeze if there is one. Format 1 of the data had the first two only, and no history.
 *
 * @param revision the last change
 * @param keys how many keys there are, expired ones that were not deleted yet included
 * @param compacted the last change that the history does not hold any more
 * @param historyBytes the size of the history's keys and values
 * @param freeze why no more writes are taken, if they are not
 */
record StoreState(
    Revision revision, long keys, Revision compacted, long historyBytes, Optional<Freeze> freeze) {
  static final StoreState EMPTY = startingAt(Revision.NONE, 0);
  private static final byte[] KEY = "state".getBytes(US_ASCII);

  /** Without history and not frozen. */
  static StoreState startingAt(Revision revision, long keys) {
    return new StoreState(revision, keys, revision, 0, Optional.empty());
  }

  StoreState with(Optional<Freeze> next) {
    return new StoreState(revision, keys, compacted, historyBytes, next);
  }

  static byte[] key() {
    return KEY.clone();
  }

  byte[] encode() {
    byte[] text = freeze.map(Freeze::encode).orElse(Bytes.EMPTY).array();
    return ByteBuffer.allocate(4 * Long.BYTES + text.length)
        .putLong(revision.number())
        .putLong(keys)
        .putLong(compacted.number())
        .putLong(historyBytes)
        .put(text)
        .array();
  }

  static StoreState decode(byte[] bytes) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    Revision revision = new Revision(buffer.getLong());
    long keys = buffer.getLong();
    if (!buffer.hasRemaining()) {
      return startingAt(revision, keys);
    }
    Revision compacted = new Revision(buffer.getLong());
    long historyBytes = buffer.getLong();
    byte[] text = new byte[buffer.remaining()];
    buffer.get(text);
    return new StoreState(
        revision,
        keys,
        compacted,
        historyBytes,
        text.length == 0 ? Optional.empty() : Optional.of(Freeze.decode(Bytes.wrap(text))));
  }
}
