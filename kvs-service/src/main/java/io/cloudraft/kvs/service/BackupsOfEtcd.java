package io.cloudraft.kvs.service;

import io.cloudraft.kvs.service.store.Backup;
import io.cloudraft.kvs.service.store.BackupFailure;
import io.cloudraft.kvs.service.store.Backups;
import java.util.function.Consumer;

/** Tells whoever wants a backup of a store in etcd where to find one. */
final class BackupsOfEtcd implements Backups {
  private static BackupFailure refusal() {
    return new BackupFailure(
        "The data is in etcd, and is backed up with it: \"etcdctl snapshot save FILE\" makes a backup, \"etcdutl snapshot restore FILE --bump-revision 1000000000 --mark-compacted\" goes back to one. GET /v1/export has this store alone.");
  }

  @Override
  public Backup create(Consumer<String> progress) {
    throw refusal();
  }

  @Override
  public Listing list() {
    throw refusal();
  }

  @Override
  public Backup verify(int id, Consumer<String> progress) {
    throw refusal();
  }

  @Override
  public void delete(int id) {
    throw refusal();
  }

  @Override
  public Backup restore(int id, Consumer<String> progress) {
    throw refusal();
  }
}
