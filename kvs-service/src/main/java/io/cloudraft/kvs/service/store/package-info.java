/**
 * What a store promises, and the words that it is asked in. Depends on nothing else of this
 * program. Start with {@link io.cloudraft.kvs.service.store.KeyValueStore}.
 */
@NullMarked
package io.cloudraft.kvs.service.store;

import org.jspecify.annotations.NullMarked;
