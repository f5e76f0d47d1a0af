package io.cloudraft.kvs.service.engine.rocksdb;

import io.cloudraft.kvs.service.store.Revision;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What we note down with each backup, beside what RocksDB does: a line of text.
 *
 * @param format that of the {@link DataDirectory} that the backup is of
 */
record BackupMetadata(int format, long keys, Revision revision) {
  private static final Pattern LINE =
      Pattern.compile("kvs format (\\d{1,9}) keys (\\d{1,18}) revision (\\d{1,18})");

  String encode() {
    return "kvs format %d keys %d revision %d".formatted(format, keys, revision.number());
  }

  static Optional<BackupMetadata> decode(String line) {
    Matcher matcher = LINE.matcher(line);
    return matcher.matches()
        ? Optional.of(
            new BackupMetadata(
                Integer.parseInt(matcher.group(1)),
                Long.parseLong(matcher.group(2)),
                new Revision(Long.parseLong(matcher.group(3)))))
        : Optional.empty();
  }
}
