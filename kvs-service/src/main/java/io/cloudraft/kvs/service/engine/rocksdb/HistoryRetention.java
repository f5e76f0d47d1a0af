package io.cloudraft.kvs.service.engine.rocksdb;

import java.time.Duration;

/**
 * How much of the past is kept for those who watch: changes are dropped, oldest first, once they
 * are older than this, or once all of them together are larger.
 */
public record HistoryRetention(long maxBytes, Duration maxAge) {}
