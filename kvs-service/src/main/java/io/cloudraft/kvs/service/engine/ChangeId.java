package io.cloudraft.kvs.service.engine;

import io.cloudraft.kvs.service.store.Revision;
import java.nio.ByteBuffer;
import java.util.Comparator;

/**
 * The place of a change in the history: its revision, and its place among the changes of one
 * transaction. As bytes 8 and 2, big-endian, so that a history on disk is in order.
 */
public record ChangeId(long revision, int index) implements Comparable<ChangeId> {
  private static final Comparator<ChangeId> ORDER =
      Comparator.comparingLong(ChangeId::revision).thenComparingInt(ChangeId::index);

  public static ChangeId firstAfter(Revision revision) {
    return new ChangeId(revision.number() + 1, 0);
  }

  public ChangeId next() {
    return new ChangeId(revision, index + 1);
  }

  public byte[] encode() {
    return ByteBuffer.allocate(Long.BYTES + Short.BYTES)
        .putLong(revision)
        .putShort((short) index)
        .array();
  }

  public static ChangeId decode(byte[] bytes) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    return new ChangeId(buffer.getLong(), Short.toUnsignedInt(buffer.getShort()));
  }

  @Override
  public int compareTo(ChangeId other) {
    return ORDER.compare(this, other);
  }
}
