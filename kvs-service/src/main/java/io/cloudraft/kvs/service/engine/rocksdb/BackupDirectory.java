package io.cloudraft.kvs.service.engine.rocksdb;

import io.cloudraft.kvs.service.store.Backup;
import io.cloudraft.kvs.service.store.BackupFailure;
import io.cloudraft.kvs.service.store.Backups;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.rocksdb.BackupEngine;
import org.rocksdb.BackupEngineOptions;
import org.rocksdb.BackupInfo;
import org.rocksdb.Env;
import org.rocksdb.LiveFileMetaData;
import org.rocksdb.RestoreOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;

/**
 * A directory of backups, as RocksDB's backup engine keeps it: a table file that several backups
 * have in common is there once. To be used by one thread at a time.
 */
record BackupDirectory(Path path) {
  private static final Pattern SHARED_FILE = Pattern.compile("(\\d+)_.*?(\\d+)\\.sst");

  /** Does something with an engine, which reads all lists of files when it is opened. */
  private <T> T with(Action<T> action) throws RocksDBException, IOException {
    Files.createDirectories(path);
    RocksDB.loadLibrary();
    try (BackupEngineOptions options =
            new BackupEngineOptions(path.toString()).setShareFilesWithChecksum(true).setSync(true);
        BackupEngine engine = BackupEngine.open(Env.getDefault(), options)) {
      return action.in(engine);
    } catch (IllegalArgumentException e) {
      // So the binding calls a directory that it may not write.
      throw new IOException(e.getMessage(), e);
    }
  }

  @FunctionalInterface
  private interface Action<T> {
    T in(BackupEngine engine) throws RocksDBException;
  }

  Backups.Listing list() throws RocksDBException, IOException {
    return Files.exists(path)
        ? with(BackupDirectory::list)
        : new Backups.Listing(List.of(), List.of());
  }

  private static Backups.Listing list(BackupEngine engine) {
    List<Backup> backups = new ArrayList<>();
    List<Integer> unreadable = new ArrayList<>();
    for (BackupInfo info : engine.getBackupInfo()) {
      metadata(info)
          .ifPresentOrElse(
              metadata -> backups.add(backup(info, metadata)),
              () -> unreadable.add(info.backupId()));
    }
    Arrays.stream(engine.getCorruptedBackups()).forEach(unreadable::add);
    return new Backups.Listing(backups, unreadable.stream().sorted().toList());
  }

  private static Optional<BackupMetadata> metadata(BackupInfo info) {
    return Optional.ofNullable(info.appMetadata()).flatMap(BackupMetadata::decode);
  }

  private static Backup backup(BackupInfo info, BackupMetadata metadata) {
    return new Backup(
        info.backupId(),
        Instant.ofEpochSecond(info.timestamp()),
        info.size(),
        info.numberFiles(),
        metadata.keys(),
        metadata.revision());
  }

  /**
   * The backup of this number.
   *
   * @throws BackupFailure if there is none that can be read, or it is of a newer format
   */
  Backup find(int id) throws RocksDBException, IOException {
    Backups.Listing listing = list();
    if (listing.unreadable().contains(id)) {
      throw new BackupFailure(
          "Backup %d is damaged: its list of files cannot be read, or a file of it is missing. Delete it, and make or restore another."
              .formatted(id));
    }
    return listing.backups().stream()
        .filter(backup -> backup.id() == id)
        .findFirst()
        .orElseThrow(() -> noSuchBackup(id, listing));
  }

  private BackupFailure noSuchBackup(int id, Backups.Listing listing) {
    String others =
        listing.backups().isEmpty()
            ? "there is none at all"
            : "there are: "
                + listing.backups().stream()
                    .map(backup -> Integer.toString(backup.id()))
                    .collect(Collectors.joining(", "));
    return new BackupFailure("There is no backup %d in %s; %s.".formatted(id, path, others));
  }

  /** Of which format of the data directory a backup is. */
  int formatOf(int id) throws RocksDBException, IOException {
    return with(
        engine ->
            engine.getBackupInfo().stream()
                .filter(info -> info.backupId() == id)
                .flatMap(info -> metadata(info).stream())
                .mapToInt(BackupMetadata::format)
                .findFirst()
                .orElseThrow(() -> new BackupFailure("There is no backup %d.".formatted(id))));
  }

  /** Makes a backup of all that is in a database, which nobody writes to meanwhile. */
  Backup create(RocksDB database, BackupMetadata metadata) throws RocksDBException, IOException {
    return with(
        engine -> {
          // What a process left that ended in the middle of a backup.
          engine.garbageCollect();
          try {
            engine.createNewBackupWithMetadata(database, metadata.encode(), true);
          } catch (RocksDBException e) {
            engine.garbageCollect();
            throw e;
          }
          return list(engine).backups().getLast();
        });
  }

  /** The size of those table files that are in no backup yet. */
  long bytesToCopy(List<LiveFileMetaData> live) throws IOException {
    Set<String> shared = sharedFiles();
    return live.stream()
        .filter(file -> !shared.contains(number(file.fileName()) + " " + file.size()))
        .mapToLong(LiveFileMetaData::size)
        .sum();
  }

  /** Number and size of each; their names have also the session that wrote them. */
  private Set<String> sharedFiles() throws IOException {
    Path directory = path.resolve("shared_checksum");
    if (!Files.exists(directory)) {
      return Set.of();
    }
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .map(file -> SHARED_FILE.matcher(file.getFileName().toString()))
          .filter(Matcher::matches)
          .map(name -> Long.parseLong(name.group(1)) + " " + name.group(2))
          .collect(Collectors.toSet());
    }
  }

  private static long number(String tableFile) {
    return Long.parseLong(tableFile.replaceAll("[^0-9]", ""));
  }

  /**
   * @param progress hears how many bytes were read
   */
  void verify(int id, LongConsumer progress) throws IOException {
    BackupFiles.read(path, id).verify(progress);
  }

  void delete(int id) throws RocksDBException, IOException {
    with(
        engine -> {
          engine.deleteBackup(id);
          return id;
        });
  }

  /** Copies a backup to where no database is yet, and compares all checksums on the way. */
  void restore(int id, Path database) throws RocksDBException, IOException {
    with(
        engine -> {
          try (RestoreOptions options = new RestoreOptions(false)) {
            engine.restoreDbFromBackup(id, database.toString(), database.toString(), options);
          }
          return id;
        });
  }
}
