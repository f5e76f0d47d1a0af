package io.cloudraft.kvs.service.engine.rocksdb;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.cloudraft.kvs.service.store.BackupFailure;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;

/**
 * The files of one backup, and the checksums that they had when they were written. RocksDB's Java
 * binding cannot verify a backup, only restore it.
 *
 * <p>The list is RocksDB's {@code meta/ID}, lines of text: the time, a sequence number, {@code
 * metadata} and its bytes in hexadecimal, the number of files, then for each file its path, {@code
 * crc32} and its CRC-32C as a decimal number.
 */
final class BackupFiles {
  private static final Pattern FILE_LINE = Pattern.compile("(\\S+) crc32 (\\d{1,10})(?: .*)?");
  private static final int LINES_BEFORE_FILES = 4;

  private record StoredFile(String path, long checksum) {}

  private final Path backups;
  private final int id;
  private final List<StoredFile> files;

  private BackupFiles(Path backups, int id, List<StoredFile> files) {
    this.backups = backups;
    this.id = id;
    this.files = files;
  }

  static BackupFiles read(Path backups, int id) throws IOException {
    List<String> lines =
        Files.readAllLines(backups.resolve("meta").resolve(Integer.toString(id)), ISO_8859_1);
    List<StoredFile> files = new ArrayList<>();
    for (String line : lines.subList(Math.min(LINES_BEFORE_FILES, lines.size()), lines.size())) {
      Matcher matcher = FILE_LINE.matcher(line);
      if (!matcher.matches()) {
        throw damaged(id, "its list of files has the line \"" + line + "\"");
      }
      files.add(new StoredFile(matcher.group(1), Long.parseLong(matcher.group(2))));
    }
    if (files.isEmpty() || !lines.get(LINES_BEFORE_FILES - 1).equals("" + files.size())) {
      throw damaged(id, "its list of files is not complete");
    }
    return new BackupFiles(backups, id, files);
  }

  /**
   * Reads them all.
   *
   * @param progress hears how many bytes were read, after each portion
   * @throws BackupFailure if one is not as it was written
   */
  void verify(LongConsumer progress) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocateDirect(256 * 1024);
    long read = 0;
    for (StoredFile file : files) {
      CRC32C crc = new CRC32C();
      try (FileChannel channel = FileChannel.open(backups.resolve(file.path))) {
        while (channel.read(buffer.clear()) >= 0) {
          read += buffer.flip().remaining();
          crc.update(buffer);
          progress.accept(read);
        }
      } catch (NoSuchFileException e) {
        throw damaged(id, "its file " + file.path + " is missing");
      }
      if (crc.getValue() != file.checksum) {
        throw damaged(id, "its file " + file.path + " is not as it was written");
      }
    }
  }

  private static BackupFailure damaged(int id, String how) {
    return new BackupFailure(
        "Backup %d is damaged: %s. Delete it, and make or restore another.".formatted(id, how));
  }
}
