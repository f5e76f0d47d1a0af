/** The reference model: as simple as it can be, to hold the real engines against. */
@NullMarked
package io.cloudraft.kvs.service.engine.memory;

import org.jspecify.annotations.NullMarked;
