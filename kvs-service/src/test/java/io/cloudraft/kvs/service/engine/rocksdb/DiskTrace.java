package io.cloudraft.kvs.service.engine.rocksdb;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What a process asked of its disk, in order: as dev/powercut/recorder.c writes it down. */
final class DiskTrace {

  /** In the order of their numbers, from 1 on. */
  enum Operation {
    CREATE,
    WRITE,
    RESIZE,
    SYNC,
    SYNC_DIRECTORY,
    MAKE_DIRECTORY,
    RENAME,
    REMOVE,
    LINK
  }

  /**
   * @param number an offset or a size
   * @param bytes what is written, or the path
   * @param other the second path
   */
  record Request(Operation operation, long inode, long number, ByteBuffer bytes, ByteBuffer other) {
    Path path() {
      return Path.of(UTF_8.decode(bytes.duplicate()).toString());
    }

    Path otherPath() {
      return Path.of(UTF_8.decode(other.duplicate()).toString());
    }

    byte[] content() {
      byte[] content = new byte[bytes.remaining()];
      bytes.duplicate().get(content);
      return content;
    }
  }

  private DiskTrace() {}

  static List<Request> read(Path file) throws IOException {
    ByteBuffer trace = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    List<Request> requests = new ArrayList<>();
    while (trace.hasRemaining()) {
      Operation operation = Operation.values()[trace.get() - 1];
      long inode = trace.getLong();
      long number = trace.getLong();
      int size = trace.getInt();
      int otherSize = trace.getInt();
      requests.add(
          new Request(operation, inode, number, take(trace, size), take(trace, otherSize)));
    }
    return requests;
  }

  private static ByteBuffer take(ByteBuffer trace, int size) {
    ByteBuffer part = trace.slice(trace.position(), size);
    trace.position(trace.position() + size);
    return part;
  }
}
