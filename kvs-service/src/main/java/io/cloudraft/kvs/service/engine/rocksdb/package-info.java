/**
 * The embedded engine: RocksDB on a local directory, one process, one writer.
 *
 * <p>The way of a write: {@link io.cloudraft.kvs.service.engine.rocksdb.RocksDbStore} puts a {@code
 * Write} into the {@code WriteQueue}; the one thread of the {@code Committer} takes all that wait,
 * lets them add themselves to a {@code Draft}, which knows the state that the writes before them
 * leave, writes that draft as one batch with one sync, and only then answers them. So counts are
 * exact, revisions have no gaps, and one sync pays for many writes.
 *
 * <p>What is on disk, below the {@code DataDirectory}:
 *
 * <ul>
 *   <li>{@code FORMAT}: a line of text, the version of everything below
 *   <li>{@code rocksdb/}, with four column families: {@code default} holds the {@code StoreState},
 *       {@code records} a {@code StoredRecord} for each key, {@code keys} each key with an empty
 *       value, {@code reversed} each key's bytes in reverse order with an empty value
 *   <li>{@code backups/}, unless set elsewhere: a {@code BackupDirectory}
 *   <li>{@code checkpoint/}: what is copied into a backup at the moment
 *   <li>{@code RESTORE}, {@code RESTORE.lock}, {@code restored/}: a {@code Restoration} on its way;
 *       {@code rocksdb.replaced/}: the data of before the last one
 * </ul>
 *
 * <p>Searches walk {@code keys} and {@code reversed}, which are narrow: how large the values are
 * does not matter to them.
 */
@NullMarked
package io.cloudraft.kvs.service.engine.rocksdb;

import org.jspecify.annotations.NullMarked;
