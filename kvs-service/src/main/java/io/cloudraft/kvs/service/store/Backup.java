package io.cloudraft.kvs.service.store;

import java.time.Instant;

/**
 * A copy of a whole store as it was at one revision.
 *
 * @param id a number that no other backup has as long as this one exists
 * @param time when it was begun
 * @param bytes its size; what it shares with other backups is counted for each of them
 * @param files how many files it consists of, shared ones included
 * @param keys how many keys it holds, those included that had expired but were not deleted yet
 * @param revision the last change that it holds
 */
public record Backup(int id, Instant time, long bytes, int files, long keys, Revision revision) {}
