package io.cloudraft.kvs.service.engine.etcd;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.cloudraft.kvs.service.engine.Ranges;
import io.cloudraft.kvs.service.store.Bytes;
import io.cloudraft.kvs.service.store.Key;
import io.etcd.jetcd.api.RangeRequest;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Arrays;

/**
 * Where a store keeps what in etcd: below a prefix of its own, one letter for each kind.
 *
 * <pre>
 * m             the store's {@link Identity}
 * f             why the store is frozen; only while it is
 * k KEY         a {@link StoredRecord}
 * r YEK         the key's bytes in reverse order: when it expires, or nothing
 * t KEY         when it expires; only for keys that do
 * x TIME KEY    nothing; only for keys that expire, in the order in which they do
 * </pre>
 *
 * <p>Times are 8 bytes, big-endian, in milliseconds since 1970.
 */
final class KeySpace {
  static final ByteString ZERO = ByteString.copyFrom(new byte[1]);

  private final byte[] prefix;
  private final ByteString freeze;
  private final Area entries;
  private final Area reversed;
  private final Area deadlines;
  private final Area expiry;

  KeySpace(Bytes prefix) {
    this.prefix = prefix.array();
    this.freeze = single('f');
    this.entries = new Area('k');
    this.reversed = new Area('r');
    this.deadlines = new Area('t');
    this.expiry = new Area('x');
  }

  /** All that begins with one letter. */
  final class Area {
    private final byte[] head;

    private Area(char letter) {
      head = Arrays.copyOf(prefix, prefix.length + 1);
      head[prefix.length] = (byte) letter;
    }

    ByteString of(byte[] rest) {
      byte[] whole = Arrays.copyOf(head, head.length + rest.length);
      System.arraycopy(rest, 0, whole, head.length, rest.length);
      return UnsafeByteOperations.unsafeWrap(whole);
    }

    /** What follows the letter. */
    byte[] rest(ByteString key) {
      return key.substring(head.length).toByteArray();
    }

    ByteString startOf(Bytes affix) {
      return of(affix.array());
    }

    /** The first place behind all that begin so. */
    ByteString endOf(Bytes affix) {
      return Ranges.endOf(affix)
          .map(this::of)
          .orElseGet(
              // No letter is 0xff, so that there is an end.
              () -> UnsafeByteOperations.unsafeWrap(Ranges.endOf(Bytes.wrap(head)).orElseThrow()));
    }

    RangeRequest.Builder range(Bytes affix) {
      return RangeRequest.newBuilder().setKey(startOf(affix)).setRangeEnd(endOf(affix));
    }
  }

  ByteString identity() {
    return single('m');
  }

  ByteString freeze() {
    return freeze;
  }

  private ByteString single(char letter) {
    byte[] key = Arrays.copyOf(prefix, prefix.length + 1);
    key[prefix.length] = (byte) letter;
    return UnsafeByteOperations.unsafeWrap(key);
  }

  Area entries() {
    return entries;
  }

  Area reversed() {
    return reversed;
  }

  Area deadlines() {
    return deadlines;
  }

  Area expiry() {
    return expiry;
  }

  ByteString entry(Key key) {
    return entries.startOf(key.bytes());
  }

  /** Whether a place is behind all entries, and not one of a key. */
  boolean isBehindEntries(ByteString place) {
    return place.equals(entries.endOf(Bytes.EMPTY));
  }

  ByteString reversed(Key key) {
    return reversed.of(key.bytes().reversed().array());
  }

  ByteString deadline(Key key) {
    return deadlines.startOf(key.bytes());
  }

  ByteString expiry(Instant deadline, Key key) {
    return expiry.of(
        ByteBuffer.allocate(Long.BYTES + key.bytes().size())
            .putLong(deadline.toEpochMilli())
            .put(key.bytes().array())
            .array());
  }

  /** The first place behind all that expire at this time or before. */
  ByteString expiryBehind(Instant time) {
    return expiry.of(encode(time.plusMillis(1)));
  }

  Key keyOfEntry(ByteString key) {
    return new Key(Bytes.wrap(entries.rest(key)));
  }

  Key keyOfReversed(ByteString key) {
    return new Key(Bytes.wrap(reversed.rest(key)).reversed());
  }

  Key keyOfDeadline(ByteString key) {
    return new Key(Bytes.wrap(deadlines.rest(key)));
  }

  /** A key that expires, and when. */
  record Expiring(Key key, Instant deadline) {}

  Expiring expiring(ByteString key) {
    byte[] rest = expiry.rest(key);
    return new Expiring(
        new Key(Bytes.wrap(Arrays.copyOfRange(rest, Long.BYTES, rest.length))),
        Instant.ofEpochMilli(ByteBuffer.wrap(rest).getLong()));
  }

  static byte[] encode(Instant deadline) {
    return ByteBuffer.allocate(Long.BYTES).putLong(deadline.toEpochMilli()).array();
  }

  static Instant decode(ByteString deadline) {
    return Instant.ofEpochMilli(deadline.asReadOnlyByteBuffer().getLong());
  }
}
