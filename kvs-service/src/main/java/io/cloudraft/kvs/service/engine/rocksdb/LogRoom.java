package io.cloudraft.kvs.service.engine.rocksdb;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has zeros on the disk where the log goes on. A sync that makes a file longer, or that is the
 * first to fill a block of it, has to bring that to disk as well, in a second write: over zeros it
 * takes two thirds of the time. What is paid for that is that the log is written twice, the first
 * time in large pieces.
 *
 * <p>For the one thread that writes, between its writes: nobody else adds to the log, so zeros
 * behind its end are behind all that is in it. That RocksDB may begin another log meanwhile does no
 * harm: then the one before it ends with zeros. No record begins with them.
 */
final class LogRoom {
  private static final Logger log = LoggerFactory.getLogger(LogRoom.class);

  /** So much room is made at once; what is larger than this does without. */
  static final int STEP = 256 * 1024;

  /** Above what is known of how much is in the log. */
  private static final int MARGIN = 32 * 1024;

  private static final Duration BETWEEN_LOOKS = Duration.ofMillis(250);

  private final Path database;
  private final ByteBuffer zeros = ByteBuffer.allocateDirect(STEP);
  private long looked = System.nanoTime() - BETWEEN_LOOKS.toNanos();
  private @Nullable Path newest;

  /** About how much is in the newest log. */
  private long written;

  /** Where its room ends. */
  private long end;

  /**
   * @param database the directory of the logs
   */
  LogRoom(Path database) {
    this.database = database;
  }

  /** Makes room for a write of this size. */
  void make(long bytes) {
    try {
      long now = System.nanoTime();
      if (now - looked >= BETWEEN_LOOKS.toNanos()) {
        looked = now;
        look();
      }
      written += LogFile.sizeOfRecords(bytes);
      if (newest != null && bytes <= STEP && written + MARGIN > end) {
        lengthen(newest);
      }
    } catch (IOException e) {
      log.debug("The log has no room, and its syncs take longer.", e);
      newest = null;
    }
  }

  private void look() throws IOException {
    List<Path> logs = LogFile.logs(database);
    Path found = logs.isEmpty() ? null : logs.getLast();
    if (found != null && !found.equals(newest)) {
      newest = found;
      end = Files.size(found);
      written = end;
    }
  }

  private void lengthen(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      zeros.clear();
      end = channel.size();
      while (zeros.hasRemaining()) {
        end += channel.write(zeros, end);
      }
    }
  }
}
