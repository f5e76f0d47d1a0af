/**
 * What engines share: the time that keys expire by, and how those who watch hear of changes.
 *
 * <p>An engine that can read its changes in order ({@link io.cloudraft.kvs.service.engine.History})
 * gets watches from the {@link io.cloudraft.kvs.service.engine.ChangeFeed}, which tells each of the
 * changes that it asked for.
 */
@NullMarked
package io.cloudraft.kvs.service.engine;

import org.jspecify.annotations.NullMarked;
