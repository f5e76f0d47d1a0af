package io.cloudraft.kvs.service.http;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How long the thread that asks has been ready to run and had no processor, in nanoseconds since
 * its start: as Linux tells in {@code /proc/thread-self/schedstat}, the second of its numbers.
 * Where that cannot be known it is always 0. For one thread, which opens the file, as it is the
 * file of whoever opens it.
 */
final class WaitForProcessor implements LongSupplier {
  private static final Logger log = LoggerFactory.getLogger(WaitForProcessor.class);
  private static final Path FILE = Path.of("/proc/thread-self/schedstat");

  private final ByteBuffer text = ByteBuffer.allocateDirect(64);
  private @Nullable FileChannel file;
  private boolean known = true;

  @Override
  public long getAsLong() {
    if (known) {
      try {
        return read();
      } catch (IOException | RuntimeException e) {
        log.debug("It cannot be told how long threads wait for a processor.", e);
        known = false;
      }
    }
    return 0;
  }

  private long read() throws IOException {
    FileChannel opened = file;
    if (opened == null) {
      opened = FileChannel.open(FILE);
      file = opened;
    }
    opened.read(text.clear(), 0);
    text.flip();
    while (text.get() != ' ') {
      // The first number is the time that it had a processor.
    }
    long nanos = 0;
    for (byte digit = text.get(); digit != ' '; digit = text.get()) {
      nanos = 10 * nanos + (digit - '0');
    }
    return nanos;
  }
}
