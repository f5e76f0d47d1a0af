package io.cloudraft.kvs.service.engine.rocksdb;

import io.cloudraft.kvs.service.store.StoreFailure;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The only thread that writes. It takes what waits, writes it as one synced batch, and hands the
 * answers to a second thread, so that slow listeners do not hold up the next commit.
 */
final class Committer implements AutoCloseable {

  /** Makes a batch durable; the place where a test lets the disk fail. */
  @FunctionalInterface
  interface BatchWriter {
    void write(WriteBatch batch) throws RocksDBException;
  }

  private static final Logger log = LoggerFactory.getLogger(Committer.class);
  private static final int QUEUED_WRITES = 8192;

  private final Database database;
  private final StoreClock clock;
  private final BatchWriter writer;
  private final CommitMetrics metrics;
  private final Runnable afterCommit;
  private final WriteQueue queue;
  private final ExecutorService answers;
  private final Thread thread;
  private volatile StoreState state;
  private volatile @Nullable StoreFailure failure;

  Committer(
      Database database,
      StoreClock clock,
      BatchWriter writer,
      StoreState state,
      MemoryBudget memory,
      CommitMetrics metrics,
      Runnable afterCommit) {
    this.database = database;
    this.clock = clock;
    this.afterCommit = afterCommit;
    this.writer = writer;
    this.state = state;
    this.metrics = metrics;
    this.queue = new WriteQueue(QUEUED_WRITES, memory.queueBytes());
    this.answers =
        Executors.newSingleThreadExecutor(Thread.ofPlatform().name("kvs-answers").factory());
    this.thread = Thread.ofPlatform().name("kvs-committer").unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  <T> CompletableFuture<T> submit(Write<T> write) {
    queue.offer(write).ifPresent(write::refuse);
    return write.answer();
  }

  /** What the last commit left. */
  StoreState state() {
    return state;
  }

  int waiting() {
    return queue.size();
  }

  Optional<StoreFailure> refusesWrites() {
    return queue.closed();
  }

  private void run() {
    for (List<Write<?>> batch = queue.take(); !batch.isEmpty(); batch = queue.take()) {
      StoreFailure stopped = failure;
      if (stopped == null) {
        commit(batch);
      } else {
        refuse(batch, stopped);
      }
    }
  }

  private void commit(List<Write<?>> batch) {
    try (Draft draft = new Draft(database, clock, state)) {
      List<Runnable> steps = new ArrayList<>(batch.size());
      for (Write<?> write : batch) {
        steps.add(write.addTo(draft));
      }
      if (!draft.changesNothing()) {
        WriteBatch written = draft.batch();
        metrics.time(batch.size(), () -> writer.write(written));
        state = draft.state();
        afterCommit.run();
      }
      answers.execute(() -> steps.forEach(Runnable::run));
    } catch (RocksDBException | RuntimeException | Error e) {
      // Errors too: writers would otherwise wait for ever on a thread that has ended.
      stop(batch, e);
    }
  }

  /**
   * After a failed write nobody knows what the disk holds, and a later sync that succeeds would not
   * say anything about the earlier one. Reading the log again, at the next start, does.
   */
  private void stop(List<Write<?>> batch, Throwable cause) {
    log.error("A write failed: the store takes no more writes until it is started again.", cause);
    StoreFailure stopped =
        new StoreFailure.NotWritable(
            "The store takes no writes until it is started again, because its disk failed: "
                + cause.getMessage(),
            cause);
    failure = stopped;
    queue.close(stopped);
    refuse(batch, stopped);
  }

  private void refuse(List<Write<?>> batch, StoreFailure reason) {
    answers.execute(() -> batch.forEach(write -> write.refuse(reason)));
  }

  /** Commits and answers what was accepted. */
  @Override
  public void close() {
    queue.close(new StoreFailure.Closed());
    Threads.join(thread);
    answers.close();
  }
}
