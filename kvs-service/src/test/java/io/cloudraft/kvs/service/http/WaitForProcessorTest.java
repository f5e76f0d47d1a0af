package io.cloudraft.kvs.service.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(OS.LINUX)
class WaitForProcessorTest {
  private final WaitForProcessor wait = new WaitForProcessor();

  @Test
  void growsWhereThreadsContend() throws InterruptedException {
    long before = wait.getAsLong();
    List<Thread> others = new ArrayList<>();
    for (int i = 0; i < 4 * Runtime.getRuntime().availableProcessors(); i++) {
      others.add(Thread.ofPlatform().start(() -> spin(TimeUnit.MILLISECONDS.toNanos(500))));
    }
    spin(TimeUnit.MILLISECONDS.toNanos(500));
    for (Thread other : others) {
      other.join();
    }

    assertThat(Files.exists(Path.of("/proc/thread-self/schedstat"))).isTrue();
    assertThat(wait.getAsLong() - before).isGreaterThan(TimeUnit.MILLISECONDS.toNanos(50));
  }

  @Test
  void doesNotGrowWhileTheThreadSleeps() throws InterruptedException {
    long before = wait.getAsLong();
    Thread.sleep(300);

    assertThat(wait.getAsLong() - before).isLessThan(TimeUnit.MILLISECONDS.toNanos(150));
  }

  private static void spin(long nanos) {
    long end = System.nanoTime() + nanos;
    while (System.nanoTime() - end < 0) {
      Thread.onSpinWait();
    }
  }
}
