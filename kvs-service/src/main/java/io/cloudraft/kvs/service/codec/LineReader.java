package io.cloudraft.kvs.service.codec;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Reads lines of bytes, of which no more than one is in memory. */
public final class LineReader {
  private static final int FIRST_BUFFER = 64 * 1024;

  private final InputStream in;
  private final int maxLineBytes;
  private byte[] buffer = new byte[FIRST_BUFFER];
  private int start;
  private int end;
  private long number;

  public LineReader(InputStream in, long maxLineBytes) {
    this.in = in;
    this.maxLineBytes = (int) Math.min(maxLineBytes, Integer.MAX_VALUE - 16);
  }

  /** The number of the line that was read last; the first has number 1. */
  public long number() {
    return number;
  }

  /** The next line without its end, until the next call; null after the last. */
  public @Nullable ByteBuffer next() throws IOException {
    number++;
    int searched = 0;
    while (true) {
      for (int i = start + searched; i < end; i++) {
        if (buffer[i] == '\n') {
          return take(i, i + 1);
        }
      }
      searched = end - start;
      if (searched > maxLineBytes) {
        throw new RequestRefused(
            ErrorCode.BODY_TOO_LARGE,
            "The line has more than %d bytes, which no key and value within the limits need (KVS_MAX_KEY_BYTES, KVS_MAX_VALUE_BYTES)."
                .formatted(maxLineBytes));
      }
      makeRoom();
      int read = in.read(buffer, end, buffer.length - end);
      if (read < 0) {
        return start == end ? null : take(end, end);
      }
      end += read;
    }
  }

  private ByteBuffer take(int lineEnd, int next) {
    ByteBuffer line = ByteBuffer.wrap(buffer, start, lineEnd - start);
    start = next;
    return line;
  }

  private void makeRoom() {
    if (start > 0) {
      // A long line is rare: its buffer is not kept.
      byte[] room =
          end - start < FIRST_BUFFER && buffer.length > FIRST_BUFFER
              ? new byte[FIRST_BUFFER]
              : buffer;
      System.arraycopy(buffer, start, room, 0, end - start);
      buffer = room;
      end -= start;
      start = 0;
    } else if (end == buffer.length) {
      buffer = Arrays.copyOf(buffer, (int) Math.min(2L * buffer.length, maxLineBytes + 1L));
    }
  }
}
