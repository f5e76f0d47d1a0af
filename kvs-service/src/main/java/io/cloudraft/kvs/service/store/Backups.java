package io.cloudraft.kvs.service.store;

import java.util.List;
import java.util.function.Consumer;

/**
 * The backups of a store: whole copies of it that it can be brought back to.
 *
 * <p>Only one of these methods is at work at a time: another call fails meanwhile. All of them may
 * take long, block, and fail with {@link BackupFailure}; those that take long tell now and then, in
 * a sentence, how far they are.
 */
public interface Backups {

  /** Copies the store as it is at one moment, while it goes on to be read and written. */
  Backup create(Consumer<String> progress);

  /**
   * All backups, oldest first.
   *
   * @param backups those whose list of files can be read; what is in the files was not looked at
   * @param unreadable the numbers of the others, which can only be deleted
   */
  record Listing(List<Backup> backups, List<Integer> unreadable) {
    public Listing {
      backups = List.copyOf(backups);
      unreadable = List.copyOf(unreadable);
    }
  }

  Listing list();

  /** Reads all files of a backup, and fails unless each is as it was written. */
  Backup verify(int id, Consumer<String> progress);

  void delete(int id);

  /**
   * Verifies a backup, copies it beside the store's data, and leaves a durable note that it is to
   * take the place of that at the next start. It is for the caller to end the process. Revisions
   * that were handed out are never handed out again: the history begins anew, far behind them.
   */
  Backup restore(int id, Consumer<String> progress);
}
