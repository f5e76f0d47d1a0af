package io.cloudraft.kvs.service.engine.rocksdb;

import io.cloudraft.kvs.service.store.Backup;
import io.cloudraft.kvs.service.store.BackupFailure;
import io.cloudraft.kvs.service.store.Backups;
import io.cloudraft.kvs.service.store.StoreCannotOpen;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.rocksdb.Checkpoint;
import org.rocksdb.RocksDBException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Backups of the embedded engine, while it serves.
 *
 * <p>A backup is made of a checkpoint: RocksDB's table files never change, so links to them and a
 * copy of the end of the log are the whole database at one moment. The checkpoint is opened for
 * itself, which brings the log into tables and tells exactly what it holds; from then on the store
 * has nothing to do with it. What the backups have in common is copied once.
 */
public final class RocksDbBackups implements Backups {

  /** How much room there is on the file system of a path; the place where a test fills the disk. */
  @FunctionalInterface
  interface FreeSpace {
    long bytes(Path path) throws IOException;
  }

  private static final Logger log = LoggerFactory.getLogger(RocksDbBackups.class);

  /** A backup must not take the room that the store needs for its next writes: at least so much. */
  private static final long LEAST_ROOM_TO_KEEP = 64L * 1024 * 1024;

  private static final Duration BETWEEN_REPORTS = Duration.ofSeconds(2);

  private final RocksDbStore store;
  private final DataDirectory data;
  private final BackupDirectory backups;
  private final FreeSpace freeSpace;
  private final BackupMetrics metrics;
  private final Semaphore turn = new Semaphore(1);

  public RocksDbBackups(RocksDbStore store, Path data, Path backups, MeterRegistry metrics) {
    this(store, data, backups, metrics, RocksDbBackups::usableSpace);
  }

  RocksDbBackups(
      RocksDbStore store, Path data, Path backups, MeterRegistry metrics, FreeSpace freeSpace) {
    this.store = store;
    this.data = new DataDirectory(data);
    this.backups = new BackupDirectory(backups);
    this.freeSpace = freeSpace;
    this.metrics = new BackupMetrics(metrics);
    refreshMetrics();
    forgetUnfinished();
  }

  /** What a killed process left takes room that the store has use for. */
  private void forgetUnfinished() {
    try {
      FileTree.delete(data.checkpoint().path());
      FileTree.delete(data.restored().path());
    } catch (IOException e) {
      log.warn("What an unfinished backup left in {} cannot be deleted.", data.path(), e);
    }
  }

  /**
   * Puts a backup in the place of the data, where {@link #restore} left a note to do so; to be
   * called before the store is opened.
   *
   * @param lockPatience how long to wait while another process has the directory
   */
  public static void restoreIfRequested(Path data, Duration lockPatience) {
    new Restoration(new DataDirectory(data), Restoration.NO_CRASH).exchangeIfNoted(lockPatience);
  }

  private static long usableSpace(Path path) throws IOException {
    return Files.getFileStore(path).getUsableSpace();
  }

  @Override
  public Backup create(Consumer<String> progress) {
    return inTurn("No backup was made", () -> createInTurn(progress));
  }

  private Backup createInTurn(Consumer<String> progress) throws RocksDBException, IOException {
    FileTree.makeDirectories(backups.path());
    requireRoomForBackup();
    DataDirectory checkpoint = data.checkpoint();
    FileTree.delete(checkpoint.path());
    try {
      FileTree.makeDirectories(checkpoint.path());
      progress.accept("writing what is only in memory to disk");
      makeCheckpoint(checkpoint);
      try (Database copy = Database.openCopy(checkpoint);
          Ticker ticker =
              new Ticker(
                  "kvs-backup-progress",
                  BETWEEN_REPORTS,
                  () ->
                      reportSize(
                          progress, "copying; all backups together have %s now", backups.path()))) {
        ticker.start();
        StoreState state = copy.readState();
        return backups.create(
            copy.rocks(), new BackupMetadata(DataDirectory.FORMAT, state.keys(), state.revision()));
      }
    } finally {
      FileTree.delete(checkpoint.path());
    }
  }

  private void makeCheckpoint(DataDirectory directory) throws RocksDBException, IOException {
    store.reading(
        database -> {
          try (Checkpoint checkpoint = Checkpoint.create(database.rocks())) {
            checkpoint.createCheckpoint(directory.database().toString());
          } catch (RocksDBException e) {
            throw new BackupFailure(
                "No backup was made: %s. Look at the disk of %s."
                    .formatted(e.getMessage(), data.path()),
                e);
          }
          return database;
        });
    directory.markFormat();
  }

  private void requireRoomForBackup() throws IOException {
    long inTables =
        backups.bytesToCopy(store.reading(database -> database.rocks().getLiveFilesMetaData()));
    long inMemory =
        store.reading(
            database ->
                database.rocks().getAggregatedLongProperty("rocksdb.cur-size-all-mem-tables"));
    // What is in memory is written to a table, and its log copied, before the table is copied.
    requireRoom(backups.path(), "A backup", inTables + 3 * inMemory);
    requireRoom(data.path(), "A backup", 2 * inMemory);
  }

  private void requireRoom(Path path, String what, long bytes) throws IOException {
    long free = freeSpace.bytes(path);
    long kept = roomToKeep(path);
    if (free < bytes + kept) {
      throw new BackupFailure(
          "%s needs about %s in %s and leaves %s for the store; %s are free. Delete old backups, make the volume larger, or set KVS_BACKUP_DIRECTORY to a directory of another one."
              .formatted(what, megabytes(bytes), path, megabytes(kept), megabytes(free)));
    }
  }

  /** Puts leave more free, on the disk that they go to. */
  private long roomToKeep(Path path) throws IOException {
    boolean besideData = Files.getFileStore(path).equals(Files.getFileStore(data.path()));
    return besideData ? Math.max(LEAST_ROOM_TO_KEEP, store.space().floor()) : LEAST_ROOM_TO_KEEP;
  }

  /**
   * @param sentence with a place for the size of the directory
   */
  private static void reportSize(Consumer<String> progress, String sentence, Path directory) {
    try {
      progress.accept(sentence.formatted(megabytes(FileTree.size(directory))));
    } catch (IOException e) {
      progress.accept("copying");
    }
  }

  @Override
  public Listing list() {
    return inTurn("The backups cannot be listed", backups::list);
  }

  @Override
  public Backup verify(int id, Consumer<String> progress) {
    return inTurn(
        "Backup %d could not be verified".formatted(id), () -> verifyInTurn(id, progress));
  }

  private Backup verifyInTurn(int id, Consumer<String> progress)
      throws RocksDBException, IOException {
    Backup backup = backups.find(id);
    backups.verify(id, new ReadReport(backup.bytes(), progress));
    return backup;
  }

  /** Tells of every second that passed, how much of a backup was read. */
  private static final class ReadReport implements LongConsumer {
    private final long all;
    private final Consumer<String> progress;
    private long lastReport = System.nanoTime();

    ReadReport(long all, Consumer<String> progress) {
      this.all = all;
      this.progress = progress;
    }

    @Override
    public void accept(long read) {
      if (System.nanoTime() - lastReport > BETWEEN_REPORTS.toNanos()) {
        lastReport = System.nanoTime();
        progress.accept("verified %s of %s".formatted(megabytes(read), megabytes(all)));
      }
    }
  }

  @Override
  public void delete(int id) {
    inTurn(
        "Backup %d could not be deleted".formatted(id),
        () -> {
          if (!backups.list().unreadable().contains(id)) {
            backups.find(id);
          }
          backups.delete(id);
          return id;
        });
  }

  @Override
  public Backup restore(int id, Consumer<String> progress) {
    return inTurn(
        "Backup %d will not be restored".formatted(id),
        () -> {
          Backup backup = verifyInTurn(id, progress);
          int format = backups.formatOf(id);
          if (format > DataDirectory.FORMAT) {
            throw new BackupFailure(
                "Backup %d has format %d, and this program reads formats up to %d. Run the version of kvs-service that made it, or a newer one."
                    .formatted(id, format, DataDirectory.FORMAT));
          }
          // The restoration begins with deleting what the one before set aside.
          requireRoom(
              data.path(),
              "To restore backup " + id,
              Math.max(0, backup.bytes() - FileTree.size(data.replaced())));
          try (Ticker ticker =
              new Ticker(
                  "kvs-backup-progress",
                  BETWEEN_REPORTS,
                  () -> reportSize(progress, "copied %s", data.restored().path()))) {
            ticker.start();
            new Restoration(data, Restoration.NO_CRASH).copy(backups, backup, store::revision);
          } catch (RocksDBException | IOException | StoreCannotOpen e) {
            // In this order: what the note says must be there as long as it is.
            FileTree.delete(data.restoreNote());
            FileTree.delete(data.restored().path());
            throw e;
          }
          return backup;
        });
  }

  /**
   * Does something that nothing else of this class happens beside.
   *
   * @param failed what to say when it fails
   */
  private <T> T inTurn(String failed, Action<T> action) {
    if (!turn.tryAcquire()) {
      throw new BackupFailure(
          failed
              + ": another backup command is at work. Try again when it has ended; making or verifying a large backup takes minutes.");
    }
    try {
      T result = action.run();
      refreshMetrics();
      return result;
    } catch (RocksDBException | IOException | StoreCannotOpen e) {
      throw new BackupFailure(
          "%s: %s. Look at the disk and the permissions of %s and %s."
              .formatted(failed, e.getMessage(), backups.path(), data.path()),
          e);
    } finally {
      turn.release();
    }
  }

  @FunctionalInterface
  private interface Action<T> {
    T run() throws RocksDBException, IOException;
  }

  private void refreshMetrics() {
    try {
      metrics.show(backups.list());
    } catch (RocksDBException | IOException e) {
      metrics.showUnknown(backups.path(), e);
    }
  }

  private static String megabytes(long bytes) {
    return (bytes + 999_999) / 1_000_000 + " MB";
  }
}
