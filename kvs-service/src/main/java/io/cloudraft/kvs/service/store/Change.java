package io.cloudraft.kvs.service.store;

import java.util.Optional;

/**
 * What became of one key by one transaction.
 *
 * @param entry what was put; nothing when the key was deleted or expired
 */
public record Change(Revision revision, Key key, Optional<Entry> entry) {}
