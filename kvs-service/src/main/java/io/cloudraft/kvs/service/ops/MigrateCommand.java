package io.cloudraft.kvs.service.ops;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.cloudraft.kvs.service.migration.Migration;
import io.cloudraft.kvs.service.migration.MigrationFailure;
import io.cloudraft.kvs.service.migration.Target;
import io.cloudraft.kvs.service.store.Freeze;
import io.cloudraft.kvs.service.store.KeyValueStore;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@code migrate to|status|undo}: moves what is in this store to another one. */
public final class MigrateCommand implements ControlSocket.Command {
  private static final Logger log = LoggerFactory.getLogger(MigrateCommand.class);

  private static final String USAGE =
      "migrate to URL [--replace] [--token-file FILE], migrate status, migrate undo";

  private final KeyValueStore store;
  private final AtomicReference<Optional<Migration>> atWork =
      new AtomicReference<>(Optional.empty());

  public MigrateCommand(KeyValueStore store) {
    this.store = store;
  }

  @Override
  public void run(List<String> arguments, ControlSocket.Answer answer) {
    List<String> words = new ArrayList<>(arguments);
    boolean replace = words.remove("--replace");
    Optional<String> token = takeTokenFile(words).map(MigrateCommand::firstLine);
    if (words.size() == 2 && words.getFirst().equals("to")) {
      migrate(Target.at(words.getLast(), token), replace, answer);
    } else if (arguments.equals(List.of("status"))) {
      status(answer);
    } else if (arguments.equals(List.of("undo"))) {
      undo(answer);
    } else {
      throw new MigrationFailure(
          "\"%s\" is not a command. There are: %s."
              .formatted(("migrate " + String.join(" ", arguments)).strip(), USAGE));
    }
  }

  private static Optional<String> takeTokenFile(List<String> words) {
    int option = words.indexOf("--token-file");
    if (option < 0 || option + 1 == words.size()) {
      return Optional.empty();
    }
    words.remove(option);
    return Optional.of(words.remove(option));
  }

  private static String firstLine(String file) {
    try (BufferedReader lines = Files.newBufferedReader(Path.of(file), ISO_8859_1)) {
      String first = lines.readLine();
      return first == null ? "" : first.strip();
    } catch (IOException | InvalidPathException e) {
      throw new MigrationFailure("The token file %s cannot be read.".formatted(file));
    }
  }

  private void migrate(Target target, boolean replace, ControlSocket.Answer answer) {
    Migration migration = new Migration(store, target, replace, sentence -> tell(sentence, answer));
    Optional<Migration> none = atWork.get();
    if (none.isPresent() || !atWork.compareAndSet(none, Optional.of(migration))) {
      throw new MigrationFailure(
          "Another \"kvs migrate\" is at work here. \"kvs migrate undo\" stops it.");
    }
    try {
      Migration.Report report = migration.run();
      log.info("All {} keys are in {} now; writes are refused here.", report.keys(), target.url());
      answer.line(
          "All %d keys are in %s now: both stores were compared, key by key."
              .formatted(report.keys(), target.url()));
      answer.line(
          "Writes are refused here since %.1f s, and stay so, also after a restart. Reads go on."
              .formatted(report.pause().toMillis() / 1000.0));
      answer.line(
          "Next: let clients use that store; or, if it is in etcd, let this KvStore take it over: docs/engines.md has the commands.");
      answer.line(
          "Back, as long as nothing was written there: \"kvs migrate undo\" lets this store take writes again.");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MigrationFailure("The service ends.");
    } finally {
      atWork.set(Optional.empty());
    }
  }

  /** Who has gone away does not wait for the end: then it is better not to come to it. */
  private static void tell(String sentence, ControlSocket.Answer answer) {
    answer.progress(sentence);
    if (!answer.isHeard()) {
      throw new MigrationFailure("Nobody listens any more.");
    }
  }

  private void status(ControlSocket.Answer answer) {
    if (atWork.get().isPresent()) {
      answer.line("A \"kvs migrate\" is at work here.");
    }
    answer.line(
        store
            .frozen()
            .map(
                freeze ->
                    freeze.moved()
                        ? "This store was moved to %s, and takes no writes."
                            .formatted(freeze.target())
                        : "This store is frozen on its way to %s. If no \"kvs migrate\" is at work in any of its pods, that was interrupted: begin it again, or undo it."
                            .formatted(freeze.target()))
            .orElse("This store takes writes."));
  }

  private void undo(ControlSocket.Answer answer) {
    atWork.get().ifPresent(Migration::stop);
    Optional<Freeze> freeze = store.frozen();
    try {
      if (freeze.isPresent() && !store.freeze(freeze, Optional.empty()).join()) {
        throw new MigrationFailure("Somebody else changed it at the same moment. Try again.");
      }
    } catch (CompletionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new MigrationFailure(
          "It could not be undone: %s Try again.".formatted(cause.getMessage()));
    }
    log.info("The migration was undone: writes are taken.");
    answer.line("This store takes writes.");
    freeze
        .filter(Freeze::moved)
        .ifPresent(
            moved ->
                answer.line(
                    "What was written to %s since it was moved there is not here, and what is written here is not there."
                        .formatted(moved.target())));
  }
}
