package io.cloudraft.kvs.service.engine.rocksdb;

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
import java.util.OptionalInt;
import java.util.zip.CRC32C;

/**
 * Finds the damage that RocksDB takes for an unfinished write.
 *
 * <p>RocksDB's log and manifest are sequences of records, each with a checksum and a length. A
 * record whose length leads beyond the end of the file is taken for the last write, cut short by a
 * crash, and everything from there on is dropped. A damaged length looks just the same, but has
 * whole records behind it: those are looked for here. Every other damage RocksDB refuses by itself.
 *
 * <p>The format is that of RocksDB's {@code log_format.h}: blocks of 32 KiB; in them, records of a
 * masked CRC-32C (4 bytes, over type and payload), a length (2 bytes), a type (1 byte) and the
 * payload, little-endian; zeros where no header fits into a block any more.
 */
final class LogFile {
  private static final int BLOCK_SIZE = 32 * 1024;
  private static final int HEADER_SIZE = 7;

  private final ByteBuffer bytes;
  private final int size;

  private LogFile(ByteBuffer bytes) {
    this.bytes = bytes.order(ByteOrder.LITTLE_ENDIAN);
    this.size = bytes.capacity();
  }

  /** Which log files of a database are damaged, and where. */
  static List<String> damages(Path database) throws IOException {
    List<String> damages = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(database, "{*.log,MANIFEST-*}")) {
      for (Path file : files) {
        damageOf(file)
            .ifPresent(at -> damages.add("%s at byte %d".formatted(file.getFileName(), at)));
      }
    }
    return damages;
  }

  private static OptionalInt damageOf(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file);
        Arena memory = Arena.ofConfined()) {
      return new LogFile(
              channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), memory).asByteBuffer())
          .damage();
    }
  }

  /** Where something unreadable begins that is no unfinished write. */
  private OptionalInt damage() {
    int end = endOfWholeRecords();
    if (isWholeButForItsLength(end)) {
      return OptionalInt.of(end);
    }
    for (int at = end + 1; at < size; at++) {
      if (isWholeRecord(at)) {
        return OptionalInt.of(end);
      }
    }
    return OptionalInt.empty();
  }

  private int endOfWholeRecords() {
    int at = 0;
    while (at < size) {
      if (leftInBlock(at) < HEADER_SIZE) {
        at += leftInBlock(at);
      } else if (isWholeRecord(at)) {
        at += HEADER_SIZE + length(at);
      } else {
        return at;
      }
    }
    return size;
  }

  private boolean isWholeRecord(int at) {
    // No record has type 0: that is what zeroed space looks like.
    return hasHeader(at) && type(at) != 0 && isPayload(at, length(at));
  }

  private boolean isWholeButForItsLength(int at) {
    return hasHeader(at) && isPayload(at, Math.min(leftInBlock(at), size - at) - HEADER_SIZE);
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
