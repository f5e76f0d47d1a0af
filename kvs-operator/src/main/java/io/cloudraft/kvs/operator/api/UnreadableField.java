package io.cloudraft.kvs.operator.api;

/**
 * A field that holds what the operator cannot read.
 *
 * @param path such as {@code spec.replicas}
 * @param value what it holds, as JSON
 */
public record UnreadableField(String path, String value) {}
