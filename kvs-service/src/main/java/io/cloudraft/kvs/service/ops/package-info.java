/**
 * What a cluster asks of the process, beside the store's own interface: alive, ready, metrics; and
 * what a person tells it to do: backups.
 */
@NullMarked
package io.cloudraft.kvs.service.ops;

import org.jspecify.annotations.NullMarked;
