package io.cloudraft.kvs.service.engine.rocksdb;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.cloudraft.kvs.service.store.Bytes;
import io.cloudraft.kvs.service.store.Entry;
import io.cloudraft.kvs.service.store.Metadata;
import io.cloudraft.kvs.service.store.Revision;
import io.cloudraft.kvs.service.store.Value;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Optional;

/**
 * An entry as bytes. Numbers are big-endian.
 *
 * <pre>
 * byte 0         layout of the record: 1, or 2 if the key expires
 * bytes 1-8      revision that created the key
 * bytes 9-16     revision that modified it last
 * bytes 17-24    version: how often it was put since it was created
 * 8 bytes        layout 2 only: when it expires, in milliseconds since 1970
 * 1 byte         length n of the content type, unsigned
 * n bytes        content type, ASCII
 * the rest       the value's bytes
 * </pre>
 */
final class StoredRecord {
  /** All of a record that the next write to its key depends on. */
  static final int MAX_METADATA_SIZE = 33;

  private static final byte LASTING = 1;
  private static final byte EXPIRING = 2;

  private StoredRecord() {}

  static byte[] encode(Entry entry) {
    Metadata metadata = entry.metadata();
    byte[] contentType = entry.value().contentType().getBytes(US_ASCII);
    Bytes value = entry.value().bytes();
    int metadataSize = MAX_METADATA_SIZE - (metadata.expires().isPresent() ? 0 : Long.BYTES);
    ByteBuffer record = ByteBuffer.allocate(metadataSize + 1 + contentType.length + value.size());
    record.put(metadata.expires().isPresent() ? EXPIRING : LASTING);
    record.putLong(metadata.created().number());
    record.putLong(metadata.modified().number());
    record.putLong(metadata.version());
    metadata.expires().ifPresent(expires -> record.putLong(expires.toEpochMilli()));
    return record.put((byte) contentType.length).put(contentType).put(value.array()).array();
  }

  /**
   * @throws IllegalArgumentException if the record has a layout that is not known
   * @throws java.nio.BufferUnderflowException if it is too short
   */
  static Entry decode(ByteBuffer record) {
    Metadata metadata = decodeMetadata(record);
    byte[] contentType = new byte[Byte.toUnsignedInt(record.get())];
    record.get(contentType);
    byte[] value = new byte[record.remaining()];
    record.get(value);
    return new Entry(new Value(new String(contentType, US_ASCII), Bytes.wrap(value)), metadata);
  }

  static Metadata decodeMetadata(ByteBuffer record) {
    byte layout = record.get();
    Revision created = new Revision(record.getLong());
    Revision modified = new Revision(record.getLong());
    long version = record.getLong();
    Optional<Instant> expires =
        switch (layout) {
          case LASTING -> Optional.empty();
          case EXPIRING -> Optional.of(Instant.ofEpochMilli(record.getLong()));
          default -> throw new IllegalArgumentException("record layout " + layout);
        };
    return new Metadata(created, modified, version, expires);
  }
}
