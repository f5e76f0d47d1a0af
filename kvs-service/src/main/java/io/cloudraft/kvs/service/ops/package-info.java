/** What a cluster asks of the process, beside the store's own interface: alive, ready, metrics. */
@NullMarked
package io.cloudraft.kvs.service.ops;

import org.jspecify.annotations.NullMarked;
