package io.cloudraft.kvs.service.engine.rocksdb;

import io.cloudraft.kvs.service.engine.StoreClock;
import io.cloudraft.kvs.service.engine.Threads;
import io.cloudraft.kvs.service.store.StoreFailure;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;
import org.rocksdb.WriteBatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The only thread that writes. It takes what waits, writes it as one synced batch, and answers. A
 * second thread answers when there is more to do, so that listeners do not hold up the next commit.
 * None of them may wait for another write: that would never be done.
 */
final class Committer implements AutoCloseable {

  /** Makes a batch durable; the place where a test lets the disk fail. */
  @FunctionalInterface
  interface BatchWriter {
    void write(WriteBatch batch) throws RocksDBException;
  }

  private static final Logger log = LoggerFactory.getLogger(Committer.class);
  private static final int QUEUED_WRITES = 8192;
  private static final int FEW_ANSWERS = 8;

  /** So short that nobody notices, and long enough to come again on the same machine. */
  private static final Duration GATHERING = Duration.ofNanos(150_000);

  /** So long a write waits for the disk before its turn; then its client does better to know. */
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private static final Duration BETWEEN_LOOKS = Duration.ofMillis(250);
  private static final Duration BETWEEN_NEWS = Duration.ofSeconds(10);

  private final Database database;
  private final StoreClock clock;
  private final BatchWriter writer;
  private final DiskSpace space;
  private final CommitMetrics metrics;
  private final Runnable afterCommit;
  private final WriteQueue queue;
  private final ExecutorService answers;
  private final Thread thread;
  private final Ticker impatience =
      new Ticker("kvs-overdue-writes", BETWEEN_LOOKS, this::refuseOverdue);
  private volatile StoreState state;
  private volatile @Nullable StoreFailure failure;

  /** What the log says last of the disk, and since when. */
  private boolean full;

  private long toldOfRoom = System.nanoTime() - BETWEEN_NEWS.toNanos();

  Committer(
      Database database,
      StoreClock clock,
      BatchWriter writer,
      DiskSpace space,
      StoreState state,
      MemoryBudget memory,
      CommitMetrics metrics,
      Runnable afterCommit) {
    this.database = database;
    this.clock = clock;
    this.afterCommit = afterCommit;
    this.writer = writer;
    this.space = space;
    this.state = state;
    this.metrics = metrics;
    this.queue = new WriteQueue(QUEUED_WRITES, memory.queueBytes(), GATHERING, System::nanoTime);
    this.answers =
        Executors.newSingleThreadExecutor(Thread.ofPlatform().name("kvs-answers").factory());
    this.thread = Thread.ofPlatform().name("kvs-committer").unstarted(this::run);
  }

  void start() {
    thread.start();
    impatience.start();
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
    Optional<StoreFailure> stopped = queue.closed();
    return stopped.or(space::refusal).or(() -> state.freeze().map(StoreFailure.Frozen::new));
  }

  private void run() {
    for (List<Write<?>> batch = queue.take(); !batch.isEmpty(); batch = queue.take()) {
      StoreFailure stopped = failure;
      if (stopped == null) {
        commit(thoseWithRoom(batch));
      } else {
        refuse(batch, stopped);
      }
    }
  }

  /** Refuses the writes that the disk has no room for, and answers the others. */
  private List<Write<?>> thoseWithRoom(List<Write<?>> batch) {
    Optional<StoreFailure> refusal = space.refusal();
    tellOfRoom(refusal);
    if (refusal.isEmpty()) {
      return batch;
    }
    Write.Kind allowed = space.allows();
    List<Write<?>> fitting = new ArrayList<>();
    List<Write<?>> refused = new ArrayList<>();
    for (Write<?> write : batch) {
      (write.kind().compareTo(allowed) <= 0 ? fitting : refused).add(write);
    }
    refuse(refused, refusal.get());
    return fitting;
  }

  /** When it changes; while it goes to and fro, now and then. */
  private void tellOfRoom(Optional<StoreFailure> refusal) {
    if (refusal.isPresent() != full && System.nanoTime() - toldOfRoom >= BETWEEN_NEWS.toNanos()) {
      full = refusal.isPresent();
      toldOfRoom = System.nanoTime();
      refusal.ifPresentOrElse(
          failure -> log.warn("Writes are refused. {}", failure.getMessage()),
          () -> log.info("The disk of {} has room for writes again.", space.directory()));
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
      answer(steps);
    } catch (RocksDBException e) {
      if (isForLackOfRoom(e)) {
        refuse(batch, fullAfterAll(e));
      } else {
        stop(batch, e);
      }
    } catch (RuntimeException | Error e) {
      // Errors too: writers would otherwise wait for ever on a thread that has ended.
      stop(batch, e);
    }
  }

  /**
   * On this thread while nothing waits for it and there is little to do, as to wake another one
   * takes as long as some answers.
   */
  private void answer(List<Runnable> steps) {
    if (steps.size() <= FEW_ANSWERS && queue.isEmpty()) {
      steps.forEach(Runnable::run);
    } else {
      answers.execute(() -> steps.forEach(Runnable::run));
    }
  }

  private static boolean isForLackOfRoom(RocksDBException e) {
    Status status = e.getStatus();
    return status != null && status.getSubCode() == Status.SubCode.NoSpace;
  }

  /**
   * Somebody else took the room so fast that it was not seen, or the engine could not move its log
   * into tables. It takes nothing from then on until it has found room for that, and goes on in a
   * new log. So nothing is built on the end of the old one, which may hold this write.
   */
  private StoreFailure fullAfterAll(RocksDBException e) {
    StoreFailure failure =
        new StoreFailure.DiskFull(
            "The disk of %s is full: %s. This write was not done, unless the process ends before there is room again; then it may or may not have been kept. Make the volume larger or delete keys; it goes on by itself."
                .formatted(space.directory(), e.getMessage()));
    tellOfRoom(Optional.of(failure));
    return failure;
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

  private void refuseOverdue() {
    List<Write<?>> overdue = queue.takeOverdue(PATIENCE);
    if (!overdue.isEmpty()) {
      refuse(
          overdue,
          new StoreFailure.Busy(
              "The write has waited for the disk for %d s, and was not done; try again later."
                  .formatted(PATIENCE.toSeconds())));
    }
  }

  private void refuse(List<Write<?>> batch, StoreFailure reason) {
    answers.execute(() -> batch.forEach(write -> write.refuse(reason)));
  }

  /** Commits and answers what was accepted. */
  @Override
  public void close() {
    queue.close(new StoreFailure.Closed());
    impatience.close();
    Threads.join(thread);
    answers.close();
  }
}
