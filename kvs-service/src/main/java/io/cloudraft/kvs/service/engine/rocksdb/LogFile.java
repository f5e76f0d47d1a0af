package io.cloudraft.kvs.service.engine.rocksdb;

import static java.util.Comparator.comparingInt;
import static java.util.Comparator.naturalOrder;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32C;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells apart what a crash leaves of a write from damage, where RocksDB cannot.
 *
 * <p>RocksDB's log and manifest are sequences of records, each with a checksum and a length. Where
 * one cannot be read, there are three cases that RocksDB would not decide as we want it:
 *
 * <ul>
 *   <li>A length that leads beyond the end of the file is taken for the last write, cut short by a
 *       crash, and everything from there on is dropped. A damaged length looks just the same, but
 *       has whole records behind it: the file is damaged. What a client has stored may look like
 *       whole records, too: only those count that can follow where they are, by their place in the
 *       block and, in a log, by the sequence number that RocksDB gave the write.
 *   <li>Of a large write that was never synced, a cut of the power may leave later parts without
 *       earlier ones, which read as zeros then. RocksDB would refuse that as damage; but when no
 *       other write follows, it is the last one, and was never acknowledged: it is cut off.
 *   <li>Damage to the last write of all, without such zeros, may have hit what was acknowledged:
 *       RocksDB refuses it by itself.
 * </ul>
 *
 * <p>Zeros to the end of the file, behind whole records, are {@link LogRoom}: they are cut off.
 *
 * <p>The format is that of RocksDB's {@code log_format.h}: blocks of 32 KiB; in them, records of a
 * masked CRC-32C (4 bytes, over type and payload), a length (2 bytes), a type (1 byte) and the
 * payload, little-endian; zeros where no header fits into a block any more.
 */
final class LogFile {
  private static final Logger log = LoggerFactory.getLogger(LogFile.class);
  private static final int BLOCK_SIZE = 32 * 1024;
  private static final int HEADER_SIZE = 7;

  /** What a disk writes whole or not at all. */
  private static final int SECTOR_SIZE = 512;

  /** A write begins with its sequence number (8 bytes) and how many of these it takes (4). */
  private static final int BATCH_HEADER_SIZE = 12;

  private static final long UNKNOWN = -1;

  /** A record that is all, or the first part, of a write. */
  private static final byte FULL = 1;

  private static final byte FIRST = 2;

  private final ByteBuffer bytes;
  private final int size;

  /** From there on there are only zeros. */
  private final int endOfContent;

  private final boolean holdsWrites;

  private LogFile(ByteBuffer bytes, boolean holdsWrites) {
    this.bytes = bytes.order(ByteOrder.LITTLE_ENDIAN);
    this.size = bytes.capacity();
    this.holdsWrites = holdsWrites;
    int end = size;
    while (end > 0 && bytes.get(end - 1) == 0) {
      end--;
    }
    this.endOfContent = end;
  }

  /**
   * Tells which files of a database are damaged, and where; if none is, cuts off what a crash left
   * of the last write.
   */
  static List<String> mend(Path database) throws IOException {
    List<String> damages = new ArrayList<>();
    Map<Path, Ending> remains = new TreeMap<>();
    for (List<Path> files : List.of(logs(database), list(database, "MANIFEST-*"))) {
      for (Path path : files) {
        Ending ending = ending(path);
        // A log is begun when all of the one before is on disk.
        boolean last = path.equals(files.getLast());
        if (ending.what == Behind.DAMAGE || (ending.what == Behind.TORN_WRITE && !last)) {
          damages.add("%s at byte %d".formatted(path.getFileName(), ending.at));
        } else if (ending.what == Behind.TORN_WRITE || ending.what == Behind.ROOM) {
          remains.put(path, ending);
        }
      }
    }
    if (damages.isEmpty()) {
      cutOff(remains);
    }
    return damages;
  }

  /** The newest comes last. */
  static List<Path> logs(Path database) throws IOException {
    return list(database, "*.log");
  }

  /** How much of a log, roughly, a write takes. */
  static long sizeOfRecords(long bytes) {
    return bytes + HEADER_SIZE * (1 + bytes / BLOCK_SIZE);
  }

  /** In the order of their numbers, which have zeros in front until they are a million. */
  private static List<Path> list(Path database, String kind) throws IOException {
    List<Path> list = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(database, kind)) {
      files.forEach(list::add);
    }
    list.sort(comparingInt((Path file) -> file.toString().length()).thenComparing(naturalOrder()));
    return list;
  }

  private static void cutOff(Map<Path, Ending> remains) throws IOException {
    for (Map.Entry<Path, Ending> file : remains.entrySet()) {
      Ending ending = file.getValue();
      if (ending.what == Behind.TORN_WRITE) {
        log.warn(
            "{} ends with a part of a write that was never acknowledged, as after a loss of power: it is cut off at byte {}.",
            file.getKey(),
            ending.at);
      }
      FileTree.truncate(file.getKey(), ending.at);
    }
  }

  /**
   * The records that a file begins with.
   *
   * @param end where they end
   * @param nextSequence what a write has that follows on them, in a log
   */
  private record WholeRecords(int end, long nextSequence) {}

  /** What follows on the whole records of a file. */
  private enum Behind {
    NOTHING,
    ROOM,
    TORN_WRITE,
    /** A last record of which RocksDB tells by itself what it is. */
    UNREADABLE,
    DAMAGE
  }

  /** Where the whole records of a file end, and what follows. */
  private record Ending(int at, Behind what) {}

  private static Ending ending(Path path) throws IOException {
    try (FileChannel channel = FileChannel.open(path);
        Arena memory = Arena.ofConfined()) {
      LogFile file =
          new LogFile(
              channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), memory).asByteBuffer(),
              path.toString().endsWith(".log"));
      WholeRecords whole = file.wholeRecords();
      return new Ending(whole.end, file.behind(whole));
    }
  }

  private Behind behind(WholeRecords whole) {
    if (whole.end >= endOfContent) {
      return whole.end < size ? Behind.ROOM : Behind.NOTHING;
    }
    boolean torn = lacksASector(whole.end);
    if (isDamagedBehind(whole, torn)) {
      return Behind.DAMAGE;
    }
    return torn ? Behind.TORN_WRITE : Behind.UNREADABLE;
  }

  /** Whether what begins there is no unfinished write. */
  private boolean isDamagedBehind(WholeRecords whole, boolean torn) {
    if (isWholeButForItsLength(whole.end)) {
      return true;
    }
    for (int at = whole.end + 1; at < endOfContent; at++) {
      if (isWholeRecord(at) && follows(at, whole, torn)) {
        return true;
      }
    }
    return false;
  }

  private boolean follows(int at, WholeRecords whole, boolean torn) {
    return switch (type(at)) {
      case FULL -> !holdsWrites || isOfLaterWrite(at, whole);
      // It fills its block.
      case FIRST -> HEADER_SIZE + length(at) == leftInBlock(at);
      // It begins its block; of the last write, it is what the cut of the power has left.
      default -> !torn && at % BLOCK_SIZE == 0;
    };
  }

  /** What was written in between took a byte at least for each number. */
  private boolean isOfLaterWrite(int at, WholeRecords whole) {
    if (length(at) < BATCH_HEADER_SIZE) {
      return false;
    }
    long numbersBetween = sequence(at) - whole.nextSequence;
    return whole.nextSequence == UNKNOWN
        || (numbersBetween >= 0 && numbersBetween <= at - whole.end);
  }

  private long sequence(int at) {
    return bytes.getLong(at + HEADER_SIZE);
  }

  private long count(int at) {
    return Integer.toUnsignedLong(bytes.getInt(at + HEADER_SIZE + Long.BYTES));
  }

  /** Whether a sector of the record, by what its header says, is as if it was never written. */
  private boolean lacksASector(int record) {
    int room = Math.min(leftInBlock(record), size - record);
    int end = record + Math.min(room, HEADER_SIZE + (room < HEADER_SIZE ? 0 : length(record)));
    for (int start = record; start < end; start = (start / SECTOR_SIZE + 1) * SECTOR_SIZE) {
      if (isZero(start, Math.min(end, (start / SECTOR_SIZE + 1) * SECTOR_SIZE))) {
        return true;
      }
    }
    return false;
  }

  private boolean isZero(int start, int end) {
    for (int at = start; at < end; at++) {
      if (bytes.get(at) != 0) {
        return false;
      }
    }
    return true;
  }

  private WholeRecords wholeRecords() {
    long nextSequence = UNKNOWN;
    int at = 0;
    while (at < size) {
      if (leftInBlock(at) < HEADER_SIZE) {
        at += leftInBlock(at);
      } else if (isWholeRecord(at)) {
        if (type(at) == FULL || type(at) == FIRST) {
          nextSequence = length(at) < BATCH_HEADER_SIZE ? UNKNOWN : sequence(at) + count(at);
        }
        at += HEADER_SIZE + length(at);
      } else {
        return new WholeRecords(at, nextSequence);
      }
    }
    return new WholeRecords(size, nextSequence);
  }

  private boolean isWholeRecord(int at) {
    // No record has type 0: that is what zeroed space looks like.
    return hasHeader(at) && type(at) != 0 && isPayload(at, length(at));
  }

  /** Of whatever length; behind it there may be room. */
  private boolean isWholeButForItsLength(int at) {
    if (!hasHeader(at)) {
      return false;
    }
    int end = at + Math.min(leftInBlock(at), size - at);
    CRC32C crc = new CRC32C();
    for (int next = at + HEADER_SIZE - 1; next < end; next++) {
      crc.update(bytes.get(next));
      if (bytes.getInt(at) == masked((int) crc.getValue())) {
        return true;
      }
    }
    return false;
  }

  private boolean hasHeader(int at) {
    return Math.min(leftInBlock(at), size - at) >= HEADER_SIZE;
  }

  private boolean isPayload(int at, int length) {
    if (HEADER_SIZE + length > Math.min(leftInBlock(at), size - at)) {
      return false;
    }
    CRC32C crc = new CRC32C();
    crc.update(bytes.slice(at + HEADER_SIZE - 1, 1 + length));
    return bytes.getInt(at) == masked((int) crc.getValue());
  }

  private static int leftInBlock(int at) {
    return BLOCK_SIZE - at % BLOCK_SIZE;
  }

  private int length(int at) {
    return Short.toUnsignedInt(bytes.getShort(at + 4));
  }

  private byte type(int at) {
    return bytes.get(at + 6);
  }

  /** A log may hold checksums of its own as data; theirs are stored in another form for that. */
  private static int masked(int crc) {
    return Integer.rotateRight(crc, 15) + 0xa282ead8;
  }
}
