/** What {@code config/argocd} tells Argo CD about KvStores. */
@NullMarked
package io.cloudraft.kvs.operator.argocd;

import org.jspecify.annotations.NullMarked;
