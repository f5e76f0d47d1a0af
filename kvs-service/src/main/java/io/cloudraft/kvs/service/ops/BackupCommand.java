package io.cloudraft.kvs.service.ops;

import io.cloudraft.kvs.service.store.Backup;
import io.cloudraft.kvs.service.store.BackupFailure;
import io.cloudraft.kvs.service.store.Backups;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** {@code backup create|list|verify|delete|restore}, in words for people or in JSON. */
public final class BackupCommand implements ControlSocket.Command {
  private static final String USAGE =
      "backup create, backup list, backup verify ID|latest, backup delete ID, backup restore ID|latest; each with --json for programs";
  private static final JsonFactory JSON = new JsonFactory();

  private final Backups backups;
  private final Runnable endOfProcess;

  /**
   * @param endOfProcess lets the process end soon, in an orderly way, and returns at once
   */
  public BackupCommand(Backups backups, Runnable endOfProcess) {
    this.backups = backups;
    this.endOfProcess = endOfProcess;
  }

  @Override
  public void run(List<String> arguments, ControlSocket.Answer answer) {
    List<String> words = new ArrayList<>(arguments);
    boolean json = words.remove("--json");
    Output output = json ? new JsonOutput(answer) : new TextOutput(answer);
    switch (words.isEmpty() ? "" : words.getFirst()) {
      case "create" -> {
        refuseOthers(words, 1);
        output.created(backups.create(answer::progress));
      }
      case "list" -> {
        refuseOthers(words, 1);
        output.listed(backups.list());
      }
      case "verify" -> output.verified(backups.verify(id(words, true), answer::progress));
      case "delete" -> {
        int id = id(words, false);
        backups.delete(id);
        output.deleted(id);
      }
      case "restore" -> {
        output.willBeRestored(backups.restore(id(words, true), answer::progress));
        endOfProcess.run();
      }
      default ->
          throw new BackupFailure(
              "\"backup %s\" is not a command. There are: %s."
                  .formatted(String.join(" ", words), USAGE));
    }
  }

  private int id(List<String> words, boolean latestAllowed) {
    refuseOthers(words, 2);
    String word = words.get(1);
    if (latestAllowed && word.equals("latest")) {
      List<Backup> all = backups.list().backups();
      if (all.isEmpty()) {
        throw new BackupFailure("There is no backup yet; \"backup create\" makes one.");
      }
      return all.getLast().id();
    }
    if (!word.matches("[1-9][0-9]{0,8}")) {
      throw new BackupFailure(
          "\"%s\" is not the number of a backup%s; \"backup list\" shows them."
              .formatted(word, latestAllowed ? ", nor \"latest\"" : ""));
    }
    return Integer.parseInt(word);
  }

  private static void refuseOthers(List<String> words, int count) {
    if (words.size() != count) {
      throw new BackupFailure(
          "\"backup %s\" has %s words. There are: %s."
              .formatted(
                  String.join(" ", words), words.size() < count ? "too few" : "too many", USAGE));
    }
  }

  private interface Output {
    void created(Backup backup);

    void listed(Backups.Listing listing);

    void verified(Backup backup);

    void deleted(int id);

    void willBeRestored(Backup backup);
  }

  private static final class TextOutput implements Output {
    private static final String ROW = "%-6s %-20s %12s %14s %14s %6s";

    private final ControlSocket.Answer answer;

    TextOutput(ControlSocket.Answer answer) {
      this.answer = answer;
    }

    private static String describe(Backup backup) {
      return "Backup %d of %s, %d keys at revision %d, %d bytes in %d files"
          .formatted(
              backup.id(),
              backup.time(),
              backup.keys(),
              backup.revision().number(),
              backup.bytes(),
              backup.files());
    }

    @Override
    public void created(Backup backup) {
      answer.line(describe(backup) + ", was made.");
    }

    @Override
    public void listed(Backups.Listing listing) {
      if (listing.backups().isEmpty() && listing.unreadable().isEmpty()) {
        answer.line("There is no backup yet.");
        return;
      }
      answer.line(ROW.formatted("ID", "TIME", "KEYS", "REVISION", "BYTES", "FILES"));
      for (Backup backup : listing.backups()) {
        answer.line(
            ROW.formatted(
                backup.id(),
                backup.time(),
                backup.keys(),
                backup.revision().number(),
                backup.bytes(),
                backup.files()));
      }
      for (int id : listing.unreadable()) {
        answer.line("%-6s damaged, to be deleted".formatted(id));
      }
    }

    @Override
    public void verified(Backup backup) {
      answer.line(describe(backup) + ", is as it was made.");
    }

    @Override
    public void deleted(int id) {
      answer.line("Backup %d was deleted.".formatted(id));
    }

    @Override
    public void willBeRestored(Backup backup) {
      answer.line(describe(backup) + ", will take the place of the data.");
      answer.line(
          "The service ends now, and has it when it is started again. A cluster starts it by itself; anywhere else, start it.");
    }
  }

  private static final class JsonOutput implements Output {
    private final ControlSocket.Answer answer;

    JsonOutput(ControlSocket.Answer answer) {
      this.answer = answer;
    }

    private void object(Content content) {
      StringWriter text = new StringWriter();
      try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), text)) {
        json.writeStartObject();
        content.write(json);
        json.writeEndObject();
      }
      answer.line(text.toString());
    }

    @FunctionalInterface
    private interface Content {
      void write(JsonGenerator json);
    }

    private static void members(JsonGenerator json, Backup backup) {
      json.writeNumberProperty("id", backup.id());
      json.writeStringProperty("time", backup.time().toString());
      json.writeNumberProperty("keys", backup.keys());
      json.writeNumberProperty("revision", backup.revision().number());
      json.writeNumberProperty("bytes", backup.bytes());
      json.writeNumberProperty("files", backup.files());
    }

    @Override
    public void created(Backup backup) {
      object(json -> members(json, backup));
    }

    @Override
    public void listed(Backups.Listing listing) {
      object(
          json -> {
            json.writeArrayPropertyStart("backups");
            for (Backup backup : listing.backups()) {
              json.writeStartObject();
              members(json, backup);
              json.writeEndObject();
            }
            json.writeEndArray();
            json.writeArrayPropertyStart("damaged");
            listing.unreadable().forEach(json::writeNumber);
            json.writeEndArray();
          });
    }

    @Override
    public void verified(Backup backup) {
      object(json -> members(json, backup));
    }

    @Override
    public void deleted(int id) {
      object(json -> json.writeNumberProperty("id", id));
    }

    @Override
    public void willBeRestored(Backup backup) {
      object(json -> members(json, backup));
    }
  }
}
