/**
 * What a user writes and reads: the {@code KvStore} resource of {@code kvs.cloudraft.io/v1}.
 *
 * <p>These records are the source of the definition in {@code crds/}: their descriptions are what
 * {@code kubectl explain} prints, their validation rules are what the API server refuses with a
 * sentence. They hold no behaviour, and no default but that of {@code replicas}, which a scale
 * needs. A default lives in {@link io.cloudraft.kvs.operator.settings.StoreSettings}, so the
 * resource stays as its author wrote it and no tool sees it drift.
 *
 * <p>Whatever is stored must be readable here, because a resource that cannot be read would stop
 * the operator for all others: every number has bounds, unknown fields are ignored, an unknown
 * choice counts as absent, and what a looser definition let through is told as an {@link
 * io.cloudraft.kvs.operator.api.UnreadableField}.
 */
@NullMarked
package io.cloudraft.kvs.operator.api;

import org.jspecify.annotations.NullMarked;
