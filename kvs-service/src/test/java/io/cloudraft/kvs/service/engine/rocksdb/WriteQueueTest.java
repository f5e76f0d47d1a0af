package io.cloudraft.kvs.service.engine.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloudraft.kvs.service.store.Bytes;
import io.cloudraft.kvs.service.store.Key;
import io.cloudraft.kvs.service.store.Operation;
import io.cloudraft.kvs.service.store.StoreFailure;
import io.cloudraft.kvs.service.store.Transaction;
import io.cloudraft.kvs.service.store.Value;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class WriteQueueTest {
  private final AtomicLong nanos = new AtomicLong();

  private WriteQueue queue(int maxWrites, long maxBytes, Duration gathering) {
    return new WriteQueue(maxWrites, maxBytes, gathering, nanos::get);
  }

  private static Write<?> write(int valueBytes) {
    return new Write.Commit(
        Transaction.of(
            new Operation.Put(
                Key.of("k"), new Value(Value.TEXT, Bytes.wrap(new byte[valueBytes])))));
  }

  @Test
  void refusesMoreWritesThanItsBound() {
    WriteQueue queue = queue(2, 1_000_000, Duration.ZERO);

    assertThat(queue.offer(write(1))).isEmpty();
    assertThat(queue.offer(write(1))).isEmpty();
    assertThat(queue.offer(write(1))).containsInstanceOf(StoreFailure.Busy.class);
    queue.take();
    assertThat(queue.offer(write(1))).isEmpty();
  }

  @Test
  void refusesMoreBytesThanItsBound() {
    WriteQueue queue = queue(100, 1000, Duration.ZERO);

    assertThat(queue.offer(write(600))).isEmpty();
    assertThat(queue.offer(write(600)))
        .hasValueSatisfying(
            busy -> assertThat(busy).hasMessageContaining("1 writes with 601 bytes"));
    assertThat(queue.offer(write(300))).isEmpty();
  }

  @Test
  void takesAnyWriteWhenNothingWaits() {
    assertThat(queue(100, 10, Duration.ZERO).offer(write(600))).isEmpty();
  }

  @Test
  void givesWritesOutInTheOrderThatTheyCameAndInBoundedBatches() {
    WriteQueue queue = queue(10_000, Long.MAX_VALUE, Duration.ZERO);
    Write<?> first = write(1);
    Write<?> second = write(1);
    queue.offer(first);
    queue.offer(second);
    for (int i = 0; i < 5000; i++) {
      queue.offer(write(1));
    }

    assertThat(queue.take()).startsWith(first, second).hasSizeLessThan(5002);
  }

  @Test
  void endsABatchThatHasEnoughBytes() {
    WriteQueue queue = queue(100, Long.MAX_VALUE, Duration.ZERO);
    for (int i = 0; i < 10; i++) {
      queue.offer(write(1024 * 1024));
    }

    assertThat(queue.take()).hasSizeBetween(1, 5);
  }

  @Test
  void givesOutWhatWaitsAfterItIsClosedAndThenNothing() {
    WriteQueue queue = queue(100, 1000, Duration.ZERO);
    queue.offer(write(1));
    queue.close(new StoreFailure.Closed());

    assertThat(queue.offer(write(1))).containsInstanceOf(StoreFailure.Closed.class);
    assertThat(queue.take()).hasSize(1);
    assertThat(queue.take()).isEmpty();
  }

  @Test
  void waitsForAsManyAsTheLastTime() {
    WriteQueue queue = afterACommitOfTwo();
    Write<?> first = write(1);
    Write<?> second = write(1);
    CompletableFuture<List<Write<?>>> taken = CompletableFuture.supplyAsync(queue::take);
    queue.offer(first);
    queue.offer(second);

    assertThat(taken.join()).containsExactly(first, second);
  }

  @Test
  void doesNotWaitForLongForThoseWhoDoNotCome() {
    WriteQueue queue = afterACommitOfTwo();
    Write<?> only = write(1);
    queue.offer(only);

    assertThat(queue.take()).containsExactly(only);
  }

  private WriteQueue afterACommitOfTwo() {
    WriteQueue queue = queue(100, 1000, Duration.ofSeconds(1));
    queue.offer(write(1));
    queue.offer(write(1));
    queue.take();
    // As long as a slow disk takes.
    nanos.addAndGet(Duration.ofSeconds(1).toNanos());
    return queue;
  }

  @Test
  void handsOutWhatHasWaitedForTooLongAndForgetsIt() {
    WriteQueue queue = queue(2, 1000, Duration.ZERO);
    Write<?> first = write(600);
    queue.offer(first);

    assertThat(queue.takeOverdue(Duration.ofMinutes(1))).isEmpty();
    assertThat(queue.takeOverdue(Duration.ofNanos(-1))).containsExactly(first);
    assertThat(queue.size()).isZero();
    assertThat(queue.offer(write(300))).isEmpty();
    assertThat(queue.offer(write(300))).isEmpty();
  }
}
