package io.cloudraft.kvs.service.engine.rocksdb;

import io.cloudraft.kvs.service.engine.ChangeId;
import io.cloudraft.kvs.service.store.Backup;
import io.cloudraft.kvs.service.store.Revision;
import io.cloudraft.kvs.service.store.StoreCannotOpen;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts a backup in the place of the data.
 *
 * <p>First, while the store serves, the backup is copied beside the data; whatever goes wrong until
 * then, the data is as it was. When the copy is whole, the file {@code RESTORE} says so. From then
 * on there are only names to be changed, before the store is opened the next time. A process that
 * ends in between leaves what the next one needs to know in which files and directories there are.
 */
final class Restoration {
  private static final Logger log = LoggerFactory.getLogger(Restoration.class);

  /** More than a store can hand out between the copy and the end of its process. */
  private static final long REVISIONS_TO_SKIP = 1_000_000_000_000L;

  private static final Duration LOCK_RETRY_INTERVAL = Duration.ofMillis(200);

  /** Called after each step that can be told from the others on disk: a test ends it there. */
  @FunctionalInterface
  interface CrashPoint {
    void pass(String step);
  }

  static final CrashPoint NO_CRASH = step -> {};

  private final DataDirectory data;
  private final CrashPoint crashPoint;

  Restoration(DataDirectory data, CrashPoint crashPoint) {
    this.data = data;
    this.crashPoint = crashPoint;
  }

  /**
   * Copies a backup beside the data, and leaves the note that it is to be exchanged for the data.
   *
   * @param newest the last revision that the store handed out
   */
  void copy(BackupDirectory backups, Backup backup, Supplier<Revision> newest)
      throws RocksDBException, IOException {
    DataDirectory copy = data.restored();
    FileTree.delete(data.restoreNote());
    FileTree.delete(copy.path());
    FileTree.delete(data.replaced());
    crashPoint.pass("there is room");
    FileTree.makeDirectories(copy.database());
    backups.restore(backup.id(), copy.database());
    crashPoint.pass("the files are copied");
    Revision next;
    try (Database database = Database.openCopy(copy)) {
      next = skipRevisions(database, newest.get());
    }
    FileTree.syncAll(copy.path());
    crashPoint.pass("the copy is whole");
    FileTree.write(
        data.restoreNote(),
        "Backup %d of %s was restored: %d keys at revision %d, from now on at %d. What was there before is in %s until the next restoration.%n"
            .formatted(
                backup.id(),
                backup.time(),
                backup.keys(),
                backup.revision().number(),
                next.number(),
                data.replaced()));
    crashPoint.pass("the copy is declared whole");
  }

  /**
   * Makes the store go on at a revision that no client has seen, and forget all before it: a watch
   * or a cursor of before must not go on as if nothing had happened.
   */
  private static Revision skipRevisions(Database database, Revision above) throws RocksDBException {
    StoreState state = database.readState();
    Revision next =
        new Revision(Math.max(state.revision().number(), above.number()) + REVISIONS_TO_SKIP);
    try (WriteBatch batch = new WriteBatch()) {
      database.deleteChanges(
          batch, ChangeId.firstAfter(Revision.NONE), ChangeId.firstAfter(state.revision()));
      database.putState(batch, StoreState.startingAt(next, state.keys()));
      database.writeSynced(batch);
    }
    return next;
  }

  /**
   * Exchanges the copy for the data, if there is a note to do so.
   *
   * @param lockPatience how long to wait for another process to let go of the data
   */
  void exchangeIfNoted(Duration lockPatience) {
    if (!Files.exists(data.restoreNote())) {
      return;
    }
    long deadline = System.nanoTime() + lockPatience.toNanos();
    // Two processes may be started at once, and the one before may not have ended yet.
    try (FileChannel ours =
            FileChannel.open(
                data.restoreLock(), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock _ = lock(ours, deadline)) {
      if (Files.exists(data.databaseLock())) {
        try (FileChannel database =
                FileChannel.open(data.databaseLock(), StandardOpenOption.WRITE);
            FileLock _ = lock(database, deadline)) {
          exchangeLocked();
        }
      } else {
        exchangeLocked();
      }
    } catch (IOException e) {
      throw new StoreCannotOpen(
          "A backup cannot be put in the place of the data in %s: %s. It will be tried again at the next start."
              .formatted(data.path(), e.getMessage()),
          e);
    }
  }

  private static FileLock lock(FileChannel file, long deadline) throws IOException {
    while (true) {
      @Nullable FileLock lock = file.tryLock();
      if (lock != null) {
        return lock;
      }
      if (System.nanoTime() > deadline) {
        throw new IOException("another process uses it and has to be stopped");
      }
      try {
        Thread.sleep(LOCK_RETRY_INTERVAL);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted while waiting for another process", e);
      }
    }
  }

  private void exchangeLocked() throws IOException {
    // Another process may have done it while this one waited.
    if (Files.exists(data.restoreNote())) {
      String done = Files.readString(data.restoreNote());
      exchange();
      log.info("{}", done.strip());
      FileTree.delete(data.restoreNote());
    }
  }

  /** Sets the data aside and the copy in its place; each step is done if it is not done yet. */
  private void exchange() throws IOException {
    DataDirectory copy = data.restored();
    if (Files.exists(copy.database())) {
      if (Files.exists(data.database())) {
        FileTree.move(data.database(), data.replaced());
        crashPoint.pass("the data is set aside");
      }
      FileTree.move(copy.database(), data.database());
      crashPoint.pass("the copy is in its place");
    }
    if (Files.exists(copy.formatFile())) {
      FileTree.move(copy.formatFile(), data.formatFile());
      crashPoint.pass("the format is noted");
    }
    FileTree.delete(copy.path());
    crashPoint.pass("nothing is left over");
  }
}
