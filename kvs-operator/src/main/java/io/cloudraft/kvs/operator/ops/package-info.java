/**
 * What a cluster asks the operator about itself: whether it lives, whether it is ready, and its
 * metrics.
 */
@NullMarked
package io.cloudraft.kvs.operator.ops;

import org.jspecify.annotations.NullMarked;
