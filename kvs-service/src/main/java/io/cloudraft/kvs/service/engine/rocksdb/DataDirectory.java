package io.cloudraft.kvs.service.engine.rocksdb;

import io.cloudraft.kvs.service.store.StoreCannotOpen;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
  static final int FORMAT = 2;

  /** The oldest format that is brought up to date on opening. */
  static final int OLDEST_FORMAT = 1;

  private static final Pattern FORMAT_LINE = Pattern.compile("kvs rocksdb format (\\d{1,9})\\s*");

  Path database() {
    return path.resolve("rocksdb");
  }

  /** The file that RocksDB locks while it has the database. */
  Path databaseLock() {
    return database().resolve("LOCK");
  }

  /** Says that the {@link #restored} store is whole, and to be exchanged for this one. */
  Path restoreNote() {
    return path.resolve("RESTORE");
  }

  /** Locked by the process that exchanges the two. */
  Path restoreLock() {
    return path.resolve("RESTORE.lock");
  }

  /** A store on its way to take the place of this one. */
  DataDirectory restored() {
    return new DataDirectory(path.resolve("restored"));
  }

  /** The database whose place a restored one took. */
  Path replaced() {
    return path.resolve("rocksdb.replaced");
  }

  /** A store as it is while it is copied into a backup: on our file system, for links. */
  DataDirectory checkpoint() {
    return new DataDirectory(path.resolve("checkpoint"));
  }

  Path formatFile() {
    return path.resolve("FORMAT");
  }

  /** Makes the directory if needed, and refuses one whose format is not ours. */
  void prepare() {
    try {
      FileTree.makeDirectories(database());
      if (holdsStore()) {
        checkFormat(readFormat());
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

  /** Whether there is nothing to be made or brought up to date. */
  boolean holdsCurrentFormat() throws IOException {
    return holdsStore() && readFormat() == FORMAT;
  }

  private int readFormat() throws IOException {
    Matcher matcher = FORMAT_LINE.matcher(Files.readString(formatFile()));
    if (!matcher.matches()) {
      throw new StoreCannotOpen(
          "The file %s does not say which format the data has. Nothing was changed. Restore that file or the whole directory from a backup."
              .formatted(formatFile()));
    }
    return Integer.parseInt(matcher.group(1));
  }

  private void checkFormat(int found) {
    if (found < OLDEST_FORMAT || found > FORMAT) {
      throw new StoreCannotOpen(
          "The data in %s has format %d, and this program reads formats %d to %d. Nothing was changed. Run the version of kvs-service that wrote it, or a newer one."
              .formatted(path, found, OLDEST_FORMAT, FORMAT));
    }
  }

  /** Says, durably, that a store of our format is here. */
  void markFormat() throws IOException {
    if (holdsCurrentFormat()) {
      return;
    }
    FileTree.write(formatFile(), "kvs rocksdb format %d\n".formatted(FORMAT));
  }
}
