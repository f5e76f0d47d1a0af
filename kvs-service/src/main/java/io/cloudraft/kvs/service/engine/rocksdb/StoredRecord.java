package io.cloudraft.kvs.service.engine.rocksdb;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.cloudraft.kvs.service.store.Bytes;
import io.cloudraft.kvs.service.store.Entry;
import io.cloudraft.kvs.service.store.Revision;
import io.cloudraft.kvs.service.store.Value;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * An entry as bytes. Numbers are big-endian.
 *
 * <pre>
 * byte 0         layout of the record: 1
 * bytes 1-8      revision that created the key
 * bytes 9-16     revision that modified it last
 * bytes 17-24    version: how often it was put since it was created
 * byte 25        length n of the content type, unsigned
 * bytes 26-26+n  content type, ASCII
 * the rest       the value's bytes
 * </pre>
 */
final class StoredRecord {
  static final int HEAD_SIZE = 25;
  private static final byte LAYOUT = 1;

  private StoredRecord() {}

  /** All of a record that the next write to its key depends on. */
  record Head(Revision created, Revision modified, long version) {

    /** The head of the next put, of a key that has this head, or of one that does not exist. */
    static Head next(@Nullable Head current, Revision revision) {
      return current == null
          ? new Head(revision, revision, 1)
          : new Head(current.created, revision, current.version + 1);
    }
  }

  static byte[] encode(Head head, Value value) {
    byte[] contentType = value.contentType().getBytes(US_ASCII);
    return ByteBuffer.allocate(HEAD_SIZE + 1 + contentType.length + value.bytes().size())
        .put(LAYOUT)
        .putLong(head.created.number())
        .putLong(head.modified.number())
        .putLong(head.version)
        .put((byte) contentType.length)
        .put(contentType)
        .put(value.bytes().array())
        .array();
  }

  static Entry decode(byte[] bytes) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    Head head = decodeHead(buffer);
    byte[] contentType = new byte[Byte.toUnsignedInt(buffer.get())];
    buffer.get(contentType);
    byte[] value = new byte[buffer.remaining()];
    buffer.get(value);
    return new Entry(
        new Value(new String(contentType, US_ASCII), Bytes.wrap(value)),
        head.created,
        head.modified,
        head.version);
  }

  static Head decodeHead(byte[] bytes) {
    return decodeHead(ByteBuffer.wrap(bytes));
  }

  /**
   * @throws IllegalArgumentException if the record has another layout than ours
   * @throws java.nio.BufferUnderflowException if it is too short
   */
  private static Head decodeHead(ByteBuffer buffer) {
    byte layout = buffer.get();
    if (layout != LAYOUT) {
      throw new IllegalArgumentException(
          "record layout %d instead of %d".formatted(layout, LAYOUT));
    }
    return new Head(
        new Revision(buffer.getLong()), new Revision(buffer.getLong()), buffer.getLong());
  }
}
