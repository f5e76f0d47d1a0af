package io.cloudraft.kvs.service.engine;

/** How the engine ends its threads. */
public final class Threads {
  private Threads() {}

  /** Waits for the end of a thread, also when asked to hurry: native memory is freed after it. */
  public static void join(Thread thread) {
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
