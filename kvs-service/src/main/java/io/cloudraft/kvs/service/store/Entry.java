package io.cloudraft.kvs.service.store;

/** A value as the store keeps it, and what it knows of its key. */
public record Entry(Value value, Metadata metadata) {}
