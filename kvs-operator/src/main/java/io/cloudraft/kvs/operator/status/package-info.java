/**
 * What a user is told. A {@link io.cloudraft.kvs.operator.status.Verdict} is what was found, as one
 * of four phases, a reason and a sentence; {@link io.cloudraft.kvs.operator.status.Conditions} says
 * it in the three conditions that kstatus, Argo CD and {@code kubectl wait} understand; {@link
 * io.cloudraft.kvs.operator.status.StatusReport} adds the facts beside them. Nothing here talks to
 * the API server.
 */
@NullMarked
package io.cloudraft.kvs.operator.status;

import org.jspecify.annotations.NullMarked;
