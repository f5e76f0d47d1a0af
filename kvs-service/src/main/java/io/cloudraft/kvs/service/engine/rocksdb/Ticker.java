package io.cloudraft.kvs.service.engine.rocksdb;

import io.cloudraft.kvs.service.engine.Threads;
import java.time.Duration;

/** Does something again and again, until it is closed. */
final class Ticker implements AutoCloseable {
  private final Duration interval;
  private final Runnable action;
  private final Thread thread;

  Ticker(String name, Duration interval, Runnable action) {
    this.thread = Thread.ofPlatform().daemon().name(name).unstarted(this::run);
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
