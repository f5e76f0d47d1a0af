/**
 * The engine for more than one machine: an etcd cluster, in front of which any number of processes
 * serve the same store.
 *
 * <p>The way of a write: {@link io.cloudraft.kvs.service.engine.etcd.EtcdStore} gives it a turn
 * among those of the same keys ({@code KeyTurns}); {@code Commit} makes one transaction of etcd of
 * it, which has an effect only if nobody has changed these keys meanwhile. The {@code EtcdClient}
 * asks a {@code Member} that answers, within a deadline; a {@code Verdict} says what a failed call
 * means. Nothing that all writes change is in their way: revisions are etcd's own, and etcd counts
 * keys in its index.
 *
 * <p>The {@code KeySpace} says what lies where. A search or a scan asks etcd for a {@code Moment},
 * all parts of it at one revision. One watch of etcd follows all changes, and the {@code
 * EtcdHistory} keeps the newest for all who watch.
 *
 * <p>Of jetcd this takes the messages and calls of the protocol. Its client has no deadlines, and
 * gives up watches when all of etcd was gone.
 */
@NullMarked
package io.cloudraft.kvs.service.engine.etcd;

import org.jspecify.annotations.NullMarked;
