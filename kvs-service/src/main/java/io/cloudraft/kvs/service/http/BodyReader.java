package io.cloudraft.kvs.service.http;

import io.cloudraft.kvs.service.codec.ErrorCode;
import io.cloudraft.kvs.service.codec.Limits;
import io.cloudraft.kvs.service.codec.RequestRefused;
import io.cloudraft.kvs.service.store.Bytes;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * Reads bodies within two bounds: one for each body, and one for all that are read at the same
 * time, so that no number of clients can fill the heap.
 */
final class BodyReader {
  /** Many may be slow, and have sent next to nothing yet. */
  private static final int FIRST_BUFFER = 8 * 1024;

  private final Limits limits;
  private final Supplier<RequestRefused> bodyTooLarge;
  private final Supplier<RequestRefused> valueTooLarge;
  private final long maxBytesAtOnce;
  private final AtomicLong bytesAtOnce = new AtomicLong();

  BodyReader(Limits limits, long maxHeapBytes) {
    this.limits = limits;
    this.bodyTooLarge = limits::bodyTooLarge;
    this.valueTooLarge = limits::valueTooLarge;
    // Parsing takes some four times of what the body does.
    this.maxBytesAtOnce = Math.max(maxHeapBytes / 8, limits.maxBodyBytes() + 1);
  }

  /** A body in memory, until it is closed. */
  final class Body implements AutoCloseable {
    private final long max;
    private final Supplier<RequestRefused> tooLarge;
    private byte[] buffer = new byte[0];
    private int size;

    private Body(long max, Supplier<RequestRefused> tooLarge) {
      this.max = max;
      this.tooLarge = tooLarge;
    }

    ByteBuffer bytes() {
      return ByteBuffer.wrap(buffer, 0, size);
    }

    /** For longer than the body is kept. */
    Bytes copy() {
      return Bytes.wrap(Arrays.copyOf(buffer, size));
    }

    private void readAll(InputStream in, long expected) throws IOException {
      // One more than expected, so that the end is seen without another buffer; but no more than
      // a little before anything has come.
      grow(expected < 0 ? FIRST_BUFFER : (int) Math.min(expected + 1, FIRST_BUFFER));
      int read;
      while ((read = in.read(buffer, size, buffer.length - size)) >= 0) {
        size += read;
        if (size > max) {
          throw tooLarge.get();
        }
        if (size == buffer.length) {
          long end = size <= expected ? expected : max;
          grow((int) Math.min(2L * buffer.length, end + 1));
        }
      }
    }

    private void grow(int newLength) {
      int more = newLength - buffer.length;
      if (bytesAtOnce.addAndGet(more) > maxBytesAtOnce) {
        bytesAtOnce.addAndGet(-more);
        throw new RequestRefused(
            ErrorCode.TOO_MANY_BODIES,
            "Too many large bodies arrive at the same time; try again in a moment.");
      }
      buffer = Arrays.copyOf(buffer, newLength);
    }

    @Override
    public void close() {
      bytesAtOnce.addAndGet(-buffer.length);
    }
  }

  /**
   * Reads a body to its end; to be closed when it is not needed any more.
   *
   * @param expected its length, or negative when that is not known beforehand
   */
  Body read(InputStream in, long expected) throws IOException {
    return read(in, expected, limits.maxBodyBytes(), bodyTooLarge);
  }

  /** The same for a body that is nothing but a value. */
  Body readValue(InputStream in, long expected) throws IOException {
    return read(in, expected, limits.maxValueBytes(), valueTooLarge);
  }

  private Body read(InputStream in, long expected, long max, Supplier<RequestRefused> tooLarge)
      throws IOException {
    if (expected > max) {
      throw tooLarge.get();
    }
    Body body = new Body(max, tooLarge);
    try {
      body.readAll(in, expected);
      return body;
    } catch (IOException | RuntimeException e) {
      body.close();
      throw e;
    }
  }
}
