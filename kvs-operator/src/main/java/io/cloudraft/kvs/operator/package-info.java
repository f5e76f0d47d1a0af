@NullMarked
package io.cloudraft.kvs.operator;

import org.jspecify.annotations.NullMarked;
