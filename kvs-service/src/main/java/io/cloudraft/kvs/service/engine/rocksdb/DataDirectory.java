package io.cloudraft.kvs.service.engine.rocksdb;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.cloudraft.kvs.service.store.StoreCannotOpen;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The directory that holds a store, and the version of its format.
 *
 * <p>The version stands in a text file and not inside of RocksDB, so that it can be read before
 * anything is opened, by a person too. It is written after the database was made and before
 * anything is acknowledged: where it is, the database must be.
 */
record DataDirectory(Path path) {
  private static final int FORMAT = 1;
  private static final Pattern FORMAT_LINE = Pattern.compile("kvs rocksdb format (\\d{1,9})\\s*");

  Path database() {
    return path.resolve("rocksdb");
  }

  private Path formatFile() {
    return path.resolve("FORMAT");
  }

  /** Makes the directory if needed, and refuses one whose format is not ours. */
  void prepare() {
    try {
      Files.createDirectories(database());
      if (holdsStore()) {
        checkFormat(Files.readString(formatFile()));
      }
    } catch (IOException e) {
      throw new StoreCannotOpen(
          "The data directory %s cannot be used (%s: %s). It must be a directory that this user may write; KVS_DATA_DIRECTORY names it."
              .formatted(path, e.getClass().getSimpleName(), e.getMessage()),
          e);
    }
  }

  /** Whether a store was completely made here once. */
  boolean holdsStore() {
    return Files.exists(formatFile());
  }

  private void checkFormat(String line) {
    Matcher matcher = FORMAT_LINE.matcher(line);
    if (!matcher.matches()) {
      throw new StoreCannotOpen(
          "The file %s does not say which format the data has. Nothing was changed. Restore that file or the whole directory from a backup."
              .formatted(formatFile()));
    }
    int found = Integer.parseInt(matcher.group(1));
    if (found != FORMAT) {
      throw new StoreCannotOpen(
          "The data in %s has format %d, and this program reads format %d. Nothing was changed. Run the version of kvs-service that wrote it, or a newer one."
              .formatted(path, found, FORMAT));
    }
  }

  /** Says, durably, that a store of our format is here. */
  void markFormat() throws IOException {
    if (holdsStore()) {
      return;
    }
    Path draft = path.resolve("FORMAT.new");
    try (FileChannel file =
        FileChannel.open(
            draft,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      ByteBuffer line =
          ByteBuffer.wrap("kvs rocksdb format %d\n".formatted(FORMAT).getBytes(UTF_8));
      while (line.hasRemaining()) {
        file.write(line);
      }
      file.force(true);
    }
    Files.move(draft, formatFile(), StandardCopyOption.ATOMIC_MOVE);
    try (FileChannel directory = FileChannel.open(path, StandardOpenOption.READ)) {
      directory.force(true);
    }
  }
}
