package io.cloudraft.kvs.service.engine.etcd;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.cloudraft.kvs.service.store.Bytes;
import io.cloudraft.kvs.service.store.Entry;
import io.cloudraft.kvs.service.store.Metadata;
import io.cloudraft.kvs.service.store.Revision;
import io.cloudraft.kvs.service.store.StoreCannotOpen;
import io.etcd.jetcd.api.KeyValue;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.Arrays;

/**
 * What makes a store of some keys in etcd, written once and never changed.
 *
 * <pre>
 * byte 0         version of all that lies below the prefix: 1
 * bytes 1-32     the store's secret
 * bytes 33-40    the revision that the store began with, before its first change, big-endian
 * </pre>
 *
 * @param first the revision that the store began with
 * @param offset what a revision of etcd has more than the store's own, which count from where the
 *     identity was written
 */
record Identity(Bytes secret, Revision first, long offset) {
  private static final byte VERSION = 1;
  private static final int SECRET_BYTES = 32;
  private static final int SIZE = 1 + SECRET_BYTES + Long.BYTES;
  private static final SecureRandom RANDOM = new SecureRandom();

  /** What is written for a store that is not there yet. */
  static ByteString create(Revision first) {
    byte[] secret = new byte[SECRET_BYTES];
    RANDOM.nextBytes(secret);
    return UnsafeByteOperations.unsafeWrap(
        ByteBuffer.allocate(SIZE).put(VERSION).put(secret).putLong(first.number()).array());
  }

  static Identity of(KeyValue written) {
    byte[] bytes = written.getValue().toByteArray();
    if (bytes.length != SIZE || bytes[0] != VERSION) {
      throw new StoreCannotOpen(
          "What is in etcd below this prefix was written by another version of this program, or by another program: the key %s is not what this one reads. Use the version that wrote it, or another KVS_ETCD_KEY_PREFIX."
              .formatted(written.getKey().toStringUtf8()));
    }
    long first = ByteBuffer.wrap(bytes).getLong(1 + SECRET_BYTES);
    return new Identity(
        Bytes.wrap(Arrays.copyOfRange(bytes, 1, 1 + SECRET_BYTES)),
        new Revision(first),
        written.getModRevision() - first);
  }

  Revision revision(long ofEtcd) {
    return new Revision(Math.max(0, ofEtcd - offset));
  }

  long ofEtcd(Revision revision) {
    return offset + revision.number();
  }

  Metadata metadata(KeyValue entry, StoredRecord record) {
    return new Metadata(
        revision(entry.getCreateRevision()),
        revision(entry.getModRevision()),
        entry.getVersion(),
        record.expires());
  }

  Entry entry(KeyValue entry) {
    StoredRecord record = StoredRecord.decode(entry.getValue());
    return new Entry(record.value(), metadata(entry, record));
  }
}
