/**
 * The key-value store as a program.
 *
 * <p>The way of a request: {@link io.cloudraft.kvs.service.http} finds the endpoint of its path,
 * {@link io.cloudraft.kvs.service.codec} turns its path, query or body into keys and values within
 * the configured limits, {@link io.cloudraft.kvs.service.store} is the contract that answers it,
 * and an engine such as {@link io.cloudraft.kvs.service.engine.rocksdb} keeps what was
 * acknowledged. {@link io.cloudraft.kvs.service.access} knows who may ask. {@link
 * io.cloudraft.kvs.service.ops} is what a cluster asks: alive, ready, metrics. What a person tells
 * it to do, such as to make a backup, comes by a socket in its data directory, from the program in
 * {@link io.cloudraft.kvs.service.command}.
 *
 * <p>Another engine plugs in behind {@link io.cloudraft.kvs.service.store.KeyValueStore}; the
 * conformance suite of that interface is its entry test. {@link
 * io.cloudraft.kvs.service.ServiceMain} is the only place that knows which engine runs.
 */
@NullMarked
package io.cloudraft.kvs.service;

import org.jspecify.annotations.NullMarked;
