package io.cloudraft.kvs.service.store;

/**
 * What an engine holds to, in words for those who use it.
 *
 * @param engine its name
 * @param durability what survives once a write was acknowledged
 * @param consistency what a read sees of the writes before it
 */
public record Promises(String engine, String durability, String consistency) {}
