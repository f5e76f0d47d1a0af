package io.cloudraft.kvs.service.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class SlowReadsTest {
  private static final long SHORT = Duration.ofNanos(50_000).toNanos();
  private static final long LONG = Duration.ofMillis(2).toNanos();

  private long waitForProcessor;
  private final SlowReads reads = new SlowReads(() -> waitForProcessor);
  private long now = System.nanoTime();

  private void read(long nanos) {
    reads.took(now, nanos);
    now += nanos;
  }

  @Test
  void aReadThatTakesLongByItselfMeansNothing() {
    for (int i = 0; i < 100; i++) {
      read(i % 10 == 0 ? LONG : SHORT);

      assertThat(reads.expectedAt(now)).isFalse();
    }
  }

  @Test
  void whenMoreOfThemTakeLongTheNextAreExpectedToForTenTimesAsLong() {
    for (int i = 0; i < 3; i++) {
      assertThat(reads.expectedAt(now)).isFalse();
      read(LONG);
    }

    assertThat(reads.expectedAt(now + 10 * LONG - 1)).isTrue();
    assertThat(reads.expectedAt(now + 10 * LONG)).isFalse();
  }

  @Test
  void thoseThatWaitedForAProcessorMeanNothing() {
    for (int i = 0; i < 100; i++) {
      waitForProcessor += LONG - SHORT;
      read(LONG);

      assertThat(reads.expectedAt(now)).isFalse();
    }
  }

  @Test
  void whatWasWaitedForAProcessorLongBeforeCountsOnlyOnce() {
    waitForProcessor += Duration.ofSeconds(5).toNanos();
    for (int i = 0; i < 4; i++) {
      assertThat(reads.expectedAt(now)).isFalse();
      read(LONG);
    }

    assertThat(reads.expectedAt(now)).isTrue();
  }

  @Test
  void neverForMoreThanASecond() {
    for (int i = 0; i < 3; i++) {
      read(Duration.ofSeconds(5).toNanos());
    }

    assertThat(reads.expectedAt(now + Duration.ofSeconds(1).toNanos())).isFalse();
  }

  @Test
  void shortOnesMakeItForgetLongOnes() {
    read(LONG);
    read(LONG);
    for (int i = 0; i < 16; i++) {
      read(SHORT);
    }
    read(LONG);

    assertThat(reads.expectedAt(now)).isFalse();
  }
}
