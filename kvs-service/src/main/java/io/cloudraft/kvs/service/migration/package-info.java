/**
 * The way of a store that is in use to another one, of whatever engine: {@link
 * io.cloudraft.kvs.service.migration.Migration} copies page by page what is in the store, and the
 * changes that come meanwhile; then it freezes the store, copies the rest, and compares both.
 * {@link io.cloudraft.kvs.service.migration.Target} is the other store, as its HTTP interface shows
 * it.
 */
@NullMarked
package io.cloudraft.kvs.service.migration;

import org.jspecify.annotations.NullMarked;
