/**
 * What a KvStore becomes: one class per child, and {@link
 * io.cloudraft.kvs.operator.resource.Children} for all of them. The {@code desired} of a child is
 * the whole of it, a pure function of the settings; {@link
 * io.cloudraft.kvs.operator.resource.ChildResource} has what they share: server-side apply, whose
 * object it is, and what a failure is called.
 */
@NullMarked
package io.cloudraft.kvs.operator.resource;

import org.jspecify.annotations.NullMarked;
