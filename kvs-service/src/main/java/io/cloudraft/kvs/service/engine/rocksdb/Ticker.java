package io.cloudraft.kvs.service.engine.rocksdb;

import java.time.Duration;

/** Does something again and again beside a long call into native code, until it is closed. */
final class Ticker implements AutoCloseable {
  private final Duration interval;
  private final Runnable action;
  private final Thread thread =
      Thread.ofPlatform().daemon().name("kvs-backup-progress").unstarted(this::run);

  Ticker(Duration interval, Runnable action) {
    this.interval = interval;
    this.action = action;
  }

  void start() {
    thread.start();
  }

  private void run() {
    try {
      while (!Thread.currentThread().isInterrupted()) {
        Thread.sleep(interval);
        action.run();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    thread.interrupt();
    Threads.join(thread);
  }
}
