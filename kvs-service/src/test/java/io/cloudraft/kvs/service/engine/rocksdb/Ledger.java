package io.cloudraft.kvs.service.engine.rocksdb;

import io.cloudraft.kvs.service.store.Backup;
import io.cloudraft.kvs.service.store.Bytes;
import io.cloudraft.kvs.service.store.Change;
import io.cloudraft.kvs.service.store.Entry;
import io.cloudraft.kvs.service.store.Key;
import io.cloudraft.kvs.service.store.Revision;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * All that a store said it has done, by revision, from what those who asked for it noted down: so
 * it is known what the store has to be like at any revision.
 *
 * <p>A line is {@code did REVISION CHANGE...}, what a transaction was answered; or {@code told
 * REVISION KEY}, the deletion of a key, as a watch tells of it: some of them nobody asked for; or
 * {@code saved REVISION BACKUP}; or {@code dropped REVISION BACKUP}, before that is done.
 */
final class Ledger {
  private static final Base64.Encoder TEXT = Base64.getEncoder().withoutPadding();

  private final NavigableMap<Key, Entry> atTheBeginning;
  private final NavigableMap<Long, List<Change>> done = new TreeMap<>();

  Ledger(NavigableMap<Key, Entry> atTheBeginning) {
    this.atTheBeginning = atTheBeginning;
  }

  static String did(List<Change> changes) {
    StringBuilder line = new StringBuilder("did " + changes.getFirst().revision().number());
    for (Change change : changes) {
      line.append(' ').append(TEXT.encodeToString(change.key().bytes().array())).append(':');
      change
          .entry()
          .ifPresent(entry -> line.append(TEXT.encodeToString(StoredRecord.encode(entry))));
    }
    return line.toString();
  }

  static String told(Change deletion) {
    return "told %d %s"
        .formatted(
            deletion.revision().number(), TEXT.encodeToString(deletion.key().bytes().array()));
  }

  static String saved(Backup backup) {
    return "saved %d %d".formatted(backup.revision().number(), backup.id());
  }

  static String dropped(Backup backup) {
    return "dropped %d %d".formatted(backup.revision().number(), backup.id());
  }

  /** Adds the backup that a line tells of, or takes it away. */
  static void follow(Set<Integer> backups, String line) {
    String[] words = line.split(" ", -1);
    if (words[0].equals("saved")) {
      backups.add(Integer.valueOf(words[2]));
    } else if (words[0].equals("dropped")) {
      backups.remove(Integer.valueOf(words[2]));
    }
  }

  /** The revision that a line tells of: whoever wrote it knew of it. */
  static long revision(String line) {
    return Long.parseLong(line.split(" ", 3)[1]);
  }

  void add(String line) {
    String[] words = line.split(" ", -1);
    if (!words[0].equals("did") && !words[0].equals("told")) {
      return;
    }
    long number = Long.parseLong(words[1]);
    List<Change> changes = new ArrayList<>();
    for (int i = 2; i < words.length; i++) {
      String[] change = words[i].split(":", -1);
      Optional<Entry> entry =
          change.length == 1 || change[1].isEmpty()
              ? Optional.empty()
              : Optional.of(
                  StoredRecord.decode(ByteBuffer.wrap(Base64.getDecoder().decode(change[1]))));
      changes.add(new Change(new Revision(number), new Key(bytes(change[0])), entry));
    }
    if (words[0].equals("did")) {
      done.put(number, changes);
    } else {
      done.putIfAbsent(number, changes);
    }
  }

  private static Bytes bytes(String text) {
    return Bytes.wrap(Base64.getDecoder().decode(text));
  }

  /** What came after was lost, and its revisions are handed out again. */
  void forgetAfter(Revision revision) {
    done.tailMap(revision.number(), false).clear();
  }

  /** All keys at that revision. */
  NavigableMap<Key, Entry> at(Revision revision) {
    NavigableMap<Key, Entry> entries = new TreeMap<>(atTheBeginning);
    for (Change change : changes(Revision.NONE, revision)) {
      change
          .entry()
          .ifPresentOrElse(
              entry -> entries.put(change.key(), entry), () -> entries.remove(change.key()));
    }
    return entries;
  }

  /** The changes after one revision, up to another. */
  List<Change> changes(Revision after, Revision upTo) {
    return done.subMap(after.number(), false, upTo.number(), true).values().stream()
        .flatMap(List::stream)
        .toList();
  }
}
