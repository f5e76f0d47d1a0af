package io.cloudraft.kvs.service.store;

/**
 * How many keys match.
 *
 * @param keys that many
 * @param exact false when counting stopped early, and there may be more
 */
public record Count(long keys, boolean exact) {}
