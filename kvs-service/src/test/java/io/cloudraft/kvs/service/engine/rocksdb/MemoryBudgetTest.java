package io.cloudraft.kvs.service.engine.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MemoryBudgetTest {
  private static final long MIB = 1024L * 1024;

  @Test
  void leavesRoomForTheJvmInTheSmallestPod() {
    // A pod of 512 MiB whose heap is half of that.
    assertThat(MemoryBudget.forHeap(256 * MIB))
        .isEqualTo(new MemoryBudget(64 * MIB, 32 * MIB, 32 * MIB));
  }

  @Test
  void stillWorksWithATinyHeapAndKeepsToItsBoundWithALargeOne() {
    assertThat(MemoryBudget.forHeap(16 * MIB))
        .isEqualTo(new MemoryBudget(32 * MIB, 16 * MIB, 8 * MIB));
    assertThat(MemoryBudget.forHeap(64 * 1024 * MIB).cacheBytes()).isEqualTo(1024 * MIB);
  }
}
