package io.cloudraft.kvs.service.codec;

import io.cloudraft.kvs.service.store.Bytes;
import io.cloudraft.kvs.service.store.Key;
import io.cloudraft.kvs.service.store.Revision;
import io.cloudraft.kvs.service.store.Search.Order;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Where a search goes on, and what it asks for: a client keeps it between two pages, and cannot
 * change it, because it is signed.
 *
 * <p>Its form, in base64url: a byte for the version of the form; a byte of flags; the revision in 8
 * bytes; prefix, suffix and position, each with its length in 4 bytes before it; the first 16 bytes
 * of the HMAC-SHA-256 of all that.
 *
 * @param after the place where the page before ended
 * @param since the revision of the first page
 */
record Cursor(Bytes prefix, Bytes suffix, Order order, boolean values, Key after, Revision since) {
  private static final byte VERSION = 1;
  private static final int DESCENDING = 1;
  private static final int VALUES = 2;
  private static final int TAG_BYTES = 16;
  private static final String MAC = "HmacSHA256";

  String encode(Bytes secret) {
    ByteBuffer out =
        ByteBuffer.allocate(
            2
                + Long.BYTES
                + 3 * Integer.BYTES
                + prefix.size()
                + suffix.size()
                + after.bytes().size()
                + TAG_BYTES);
    out.put(VERSION);
    out.put((byte) ((order == Order.DESCENDING ? DESCENDING : 0) | (values ? VALUES : 0)));
    out.putLong(since.number());
    put(out, prefix);
    put(out, suffix);
    put(out, after.bytes());
    out.put(tag(out.array(), out.position(), secret));
    return Base64.getUrlEncoder().withoutPadding().encodeToString(out.array());
  }

  /** What the text stands for; nothing if it is not, to the letter, what {@link #encode} made. */
  static Optional<Cursor> decode(String text, Bytes secret) {
    try {
      byte[] bytes = Base64.getUrlDecoder().decode(text);
      int end = bytes.length - TAG_BYTES;
      if (end < 0
          || !MessageDigest.isEqual(
              tag(bytes, end, secret), Arrays.copyOfRange(bytes, end, bytes.length))) {
        return Optional.empty();
      }
      Cursor cursor = read(ByteBuffer.wrap(bytes, 0, end));
      // Base64 has more than one spelling of the same bytes.
      return cursor.encode(secret).equals(text) ? Optional.of(cursor) : Optional.empty();
    } catch (IllegalArgumentException | BufferUnderflowException e) {
      return Optional.empty();
    }
  }

  private static Cursor read(ByteBuffer in) {
    if (in.get() != VERSION) {
      throw new IllegalArgumentException("a cursor of another version");
    }
    int flags = in.get();
    Revision since = new Revision(in.getLong());
    Bytes prefix = take(in);
    Bytes suffix = take(in);
    return new Cursor(
        prefix,
        suffix,
        (flags & DESCENDING) == 0 ? Order.ASCENDING : Order.DESCENDING,
        (flags & VALUES) != 0,
        new Key(take(in)),
        since);
  }

  private static void put(ByteBuffer out, Bytes bytes) {
    out.putInt(bytes.size()).put(bytes.array());
  }

  private static Bytes take(ByteBuffer in) {
    int size = in.getInt();
    if (size < 0 || size > in.remaining()) {
      throw new BufferUnderflowException();
    }
    byte[] bytes = new byte[size];
    in.get(bytes);
    return Bytes.wrap(bytes);
  }

  private static byte[] tag(byte[] bytes, int length, Bytes secret) {
    try {
      Mac mac = Mac.getInstance(MAC);
      mac.init(new SecretKeySpec(secret.array(), MAC));
      mac.update(bytes, 0, length);
      return Arrays.copyOf(mac.doFinal(), TAG_BYTES);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has " + MAC, e);
    }
  }
}
