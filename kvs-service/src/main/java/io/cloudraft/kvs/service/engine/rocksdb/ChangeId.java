package io.cloudraft.kvs.service.engine.rocksdb;

import io.cloudraft.kvs.service.store.Revision;
import java.nio.ByteBuffer;
import java.util.Comparator;

/**
 * The place of a change in the history: its revision, and its place among the changes of one
 * transaction. On disk 8 and 2 bytes, big-endian, so that the history is in order.
 */
record ChangeId(long revision, int index) implements Comparable<ChangeId> {
  private static final Comparator<ChangeId> ORDER =
      Comparator.comparingLong(ChangeId::revision).thenComparingInt(ChangeId::index);

  static ChangeId firstAfter(Revision revision) {
    return new ChangeId(revision.number() + 1, 0);
  }

  ChangeId next() {
    return new ChangeId(revision, index + 1);
  }

  byte[] encode() {
    return ByteBuffer.allocate(Long.BYTES + Short.BYTES)
        .putLong(revision)
        .putShort((short) index)
        .array();
  }

  static ChangeId decode(byte[] bytes) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    return new ChangeId(buffer.getLong(), Short.toUnsignedInt(buffer.getShort()));
  }

  @Override
  public int compareTo(ChangeId other) {
    return ORDER.compare(this, other);
  }
}
