/** What keeps the data, one package per engine. */
@NullMarked
package io.cloudraft.kvs.service.engine;

import org.jspecify.annotations.NullMarked;
