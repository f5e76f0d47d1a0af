package io.cloudraft.kvs.service.store;

/**
 * A value as the store keeps it.
 *
 * @param created the change that made the key, after it did not exist
 * @param modified the last change of the value
 * @param version how often the key was put since it was created: 1 after the first
 */
public record Entry(Value value, Revision created, Revision modified, long version) {}
