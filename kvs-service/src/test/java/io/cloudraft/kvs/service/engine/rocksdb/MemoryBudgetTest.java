package io.cloudraft.kvs.service.engine.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MemoryBudgetTest {
  private static final long MIB = 1024L * 1024;

  @Test
  void takesAThirdOfTheHeapsSizeBesideIt() {
    assertThat(MemoryBudget.forHeap(192 * MIB))
        .isEqualTo(new MemoryBudget(64 * MIB, 32 * MIB, 24 * MIB));
  }

  @Test
  void stillWorksWithATinyHeapAndKeepsToItsBoundWithALargeOne() {
    assertThat(MemoryBudget.forHeap(16 * MIB))
        .isEqualTo(new MemoryBudget(32 * MIB, 16 * MIB, 8 * MIB));
    assertThat(MemoryBudget.forHeap(64 * 1024 * MIB).cacheBytes()).isEqualTo(1024 * MIB);
  }
}
