package io.cloudraft.kvs.service.engine.rocksdb;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Files and directories, with changes that are on disk when a method returns. */
final class FileTree {
  private FileTree() {}

  /** Writes a whole small file: after a crash, either this text is there or what was before. */
  static void write(Path file, String text) throws IOException {
    Path draft = file.resolveSibling(file.getFileName() + ".new");
    try (FileChannel channel =
        FileChannel.open(
            draft,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(UTF_8));
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    }
    move(draft, file);
  }

  /** Makes a directory, and those above it that are missing. */
  static void makeDirectories(Path path) throws IOException {
    if (!Files.isDirectory(path)) {
      makeDirectories(parent(path));
      Files.createDirectories(path);
      sync(parent(path));
    }
  }

  /** Gives a file or directory another name, or another parent on the same file system. */
  static void move(Path from, Path to) throws IOException {
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    sync(parent(to));
    if (!parent(from).equals(parent(to))) {
      sync(parent(from));
    }
  }

  /** Cuts off the end of a file. */
  static void truncate(Path file, long size) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.truncate(size);
      channel.force(true);
    }
  }

  /** Deletes a file or directory with all that is in it, if it is there. */
  static void delete(Path path) throws IOException {
    if (!Files.exists(path)) {
      return;
    }
    for (Path each : all(path).reversed()) {
      Files.deleteIfExists(each);
    }
    sync(parent(path));
  }

  /** Brings all that is in a directory to disk. */
  static void syncAll(Path directory) throws IOException {
    for (Path each : all(directory).reversed()) {
      sync(each);
    }
  }

  /** How many bytes the files in a directory have; files may come and go meanwhile. */
  static long size(Path directory) throws IOException {
    long sum = 0;
    if (Files.exists(directory)) {
      for (Path each : all(directory)) {
        sum += sizeOf(each);
      }
    }
    return sum;
  }

  private static long sizeOf(Path path) throws IOException {
    try {
      return Files.isRegularFile(path) ? Files.size(path) : 0;
    } catch (NoSuchFileException e) {
      return 0;
    }
  }

  /** A directory comes before what is in it. */
  private static List<Path> all(Path path) throws IOException {
    try (Stream<Path> tree = Files.walk(path)) {
      return tree.sorted(Comparator.naturalOrder()).toList();
    }
  }

  private static void sync(Path path) throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  private static Path parent(Path path) {
    Path parent = path.toAbsolutePath().getParent();
    if (parent == null) {
      throw new IllegalArgumentException("the root has no parent: " + path);
    }
    return parent;
  }
}
