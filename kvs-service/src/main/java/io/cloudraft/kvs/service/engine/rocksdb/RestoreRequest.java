package io.cloudraft.kvs.service.engine.rocksdb;

import io.cloudraft.kvs.service.store.Revision;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The note that a backup is to take the place of the data at the next start: a line of text in the
 * data directory.
 *
 * @param above no revision up to this one may be handed out again
 */
record RestoreRequest(int backup, Revision above) {
  private static final Pattern LINE =
      Pattern.compile("restore backup (\\d{1,9}) above revision (\\d{1,18})\\s*");

  static Optional<RestoreRequest> read(Path file) throws IOException {
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    Matcher matcher = LINE.matcher(Files.readString(file));
    if (!matcher.matches()) {
      throw new IOException("no request to restore a backup stands in " + file);
    }
    return Optional.of(
        new RestoreRequest(
            Integer.parseInt(matcher.group(1)), new Revision(Long.parseLong(matcher.group(2)))));
  }

  void write(Path file) throws IOException {
    FileTree.write(file, "restore backup %d above revision %d\n".formatted(backup, above.number()));
  }
}
