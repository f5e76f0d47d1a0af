package io.cloudraft.kvs.service.engine.etcd;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.cloudraft.kvs.service.store.Bytes;
import io.cloudraft.kvs.service.store.StoreFailure;
import io.cloudraft.kvs.service.store.Value;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Optional;

/**
 * What is kept under a key. That it was created and modified, and how often, etcd knows by itself.
 *
 * <pre>
 * byte 0         layout of the record: 1, or 2 if the key expires
 * 8 bytes        layout 2 only: when it expires, in milliseconds since 1970, big-endian
 * 1 byte         length n of the content type, unsigned
 * n bytes        content type, ASCII
 * the rest       the value's bytes
 * </pre>
 */
record StoredRecord(Value value, Optional<Instant> expires) {
  /** All that a record takes beside its content type and value. */
  static final int MAX_HEAD_SIZE = 2 + Long.BYTES;

  private static final byte LASTING = 1;
  private static final byte EXPIRING = 2;

  ByteString encode() {
    byte[] contentType = value.contentType().getBytes(US_ASCII);
    byte[] bytes = value.bytes().array();
    ByteBuffer record =
        ByteBuffer.allocate(
            2 + (expires.isPresent() ? Long.BYTES : 0) + contentType.length + bytes.length);
    record.put(expires.isPresent() ? EXPIRING : LASTING);
    expires.ifPresent(deadline -> record.putLong(deadline.toEpochMilli()));
    record.put((byte) contentType.length).put(contentType).put(bytes);
    return UnsafeByteOperations.unsafeWrap(record.array());
  }

  /**
   * @throws StoreFailure.Damaged if these bytes are no record
   */
  static StoredRecord decode(ByteString encoded) {
    try {
      ByteBuffer record = encoded.asReadOnlyByteBuffer();
      Optional<Instant> expires =
          switch (record.get()) {
            case LASTING -> Optional.empty();
            case EXPIRING -> Optional.of(Instant.ofEpochMilli(record.getLong()));
            default -> throw new IllegalArgumentException("record layout " + encoded.byteAt(0));
          };
      byte[] contentType = new byte[Byte.toUnsignedInt(record.get())];
      record.get(contentType);
      byte[] value = new byte[record.remaining()];
      record.get(value);
      return new StoredRecord(
          new Value(new String(contentType, US_ASCII), Bytes.wrap(value)), expires);
    } catch (IllegalArgumentException | BufferUnderflowException e) {
      throw new StoreFailure.Damaged(
          "What is stored here cannot be read back: " + e.getMessage(), e);
    }
  }
}
