package io.cloudraft.kvs.service.engine.rocksdb;

import java.util.ArrayDeque;
import java.util.Deque;
import org.rocksdb.AbstractNativeReference;

/**
 * Native objects that are closed in the reverse of the order in which they were made: what is used
 * must outlive its user, or the process dies.
 */
final class NativeResources implements AutoCloseable {
  private final Deque<AbstractNativeReference> open = new ArrayDeque<>();

  <T extends AbstractNativeReference> T add(T resource) {
    open.push(resource);
    return resource;
  }

  @Override
  public void close() {
    while (!open.isEmpty()) {
      open.pop().close();
    }
  }
}
