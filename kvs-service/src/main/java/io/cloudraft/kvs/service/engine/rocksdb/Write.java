package io.cloudraft.kvs.service.engine.rocksdb;

import io.cloudraft.kvs.service.store.Compare;
import io.cloudraft.kvs.service.store.Freeze;
import io.cloudraft.kvs.service.store.Key;
import io.cloudraft.kvs.service.store.Operation;
import io.cloudraft.kvs.service.store.Outcome;
import io.cloudraft.kvs.service.store.Outcome.Result;
import io.cloudraft.kvs.service.store.Revision;
import io.cloudraft.kvs.service.store.StoreFailure;
import io.cloudraft.kvs.service.store.Transaction;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import org.rocksdb.RocksDBException;

/**
 * A change that someone waits for.
 *
 * @param <T> what the answer says
 */
abstract sealed class Write<T> {
  private final CompletableFuture<T> answer = new CompletableFuture<>();

  final CompletableFuture<T> answer() {
    return answer;
  }

  final void refuse(StoreFailure failure) {
    answer.completeExceptionally(failure);
  }

  /** Adds this change to a commit, and returns the step that answers it when that is on disk. */
  final Runnable addTo(Draft draft) throws RocksDBException {
    try {
      T result = apply(draft);
      return () -> answer.complete(result);
    } catch (StoreFailure.ReadsTooMuch | StoreFailure.Frozen refusal) {
      return () -> refuse(refusal);
    }
  }

  /**
   * Adds this change to a commit.
   *
   * @throws StoreFailure.ReadsTooMuch before anything was added
   * @throws StoreFailure.Frozen likewise
   */
  abstract T apply(Draft draft) throws RocksDBException;

  /** What a write may do at most; each needs more room on the disk than the one before. */
  enum Kind {
    READ,
    DELETE,
    PUT
  }

  abstract Kind kind();

  /** How much memory this write holds while it waits, roughly. */
  abstract long size();

  /** What a caller of the store asked for. */
  static final class Commit extends Write<Outcome> {
    /** A value of the largest size that can be set, and a little more. */
    static final long MAX_BYTES_READ = 17L * 1024 * 1024;

    private final Transaction transaction;
    private final Kind kind;
    private final long size;

    Commit(Transaction transaction) {
      this.transaction = transaction;
      Kind most = Kind.READ;
      long bytes = 0;
      for (Compare compare : transaction.compares()) {
        bytes += sizeOf(compare);
      }
      for (List<Operation> operations : List.of(transaction.then(), transaction.otherwise())) {
        for (Operation operation : operations) {
          Kind of = kindOf(operation);
          most = of.compareTo(most) > 0 ? of : most;
          bytes += sizeOf(operation);
        }
      }
      this.kind = most;
      this.size = bytes;
    }

    private static Kind kindOf(Operation operation) {
      return switch (operation) {
        case Operation.Get _ -> Kind.READ;
        case Operation.Delete _ -> Kind.DELETE;
        case Operation.Put _ -> Kind.PUT;
      };
    }

    private static long sizeOf(Compare compare) {
      return compare.key().bytes().size()
          + (compare instanceof Compare.ValueIs value ? value.bytes().size() : 0L);
    }

    private static long sizeOf(Operation operation) {
      return operation.key().bytes().size()
          + (operation instanceof Operation.Put put ? put.value().bytes().size() : 0L);
    }

    @Override
    Outcome apply(Draft draft) throws RocksDBException {
      Optional<Freeze> freeze = draft.state().freeze();
      if (freeze.isPresent() && kind != Kind.READ) {
        throw new StoreFailure.Frozen(freeze.get());
      }
      Draft.Step step = draft.step();
      OptionalInt failed = failedCompare(step);
      List<Operation> operations = failed.isEmpty() ? transaction.then() : transaction.otherwise();
      refuseToReadTooMuch(operations, step);
      List<Result> results = new ArrayList<>(operations.size());
      for (Operation operation : operations) {
        results.add(
            switch (operation) {
              case Operation.Get get -> new Result.Got(step.get(get.key()));
              case Operation.Put put -> new Result.Put(step.put(put));
              case Operation.Delete delete -> new Result.Deleted(step.delete(delete.key()));
            });
      }
      return new Outcome(failed, step.revision(), results);
    }

    private static void refuseToReadTooMuch(List<Operation> operations, Draft.Step step)
        throws RocksDBException {
      long bytes = 0;
      for (Operation operation : operations) {
        if (operation instanceof Operation.Get get) {
          bytes += step.size(get.key());
        }
      }
      if (bytes > MAX_BYTES_READ) {
        throw new StoreFailure.ReadsTooMuch(
            "The transaction would read %d bytes, and at most %d are read at once: read some of the keys by themselves."
                .formatted(bytes, MAX_BYTES_READ));
      }
    }

    private OptionalInt failedCompare(Draft.Step step) throws RocksDBException {
      List<Compare> compares = transaction.compares();
      for (int i = 0; i < compares.size(); i++) {
        if (!compares.get(i).holds(step.get(compares.get(i).key()))) {
          return OptionalInt.of(i);
        }
      }
      return OptionalInt.empty();
    }

    @Override
    Kind kind() {
      return kind;
    }

    @Override
    long size() {
      return size;
    }
  }

  /** Freezes the store, or lifts that, if it is as expected. */
  static final class Freezing extends Write<Boolean> {
    private final Optional<Freeze> expected;
    private final Optional<Freeze> next;

    Freezing(Optional<Freeze> expected, Optional<Freeze> next) {
      this.expected = expected;
      this.next = next;
    }

    @Override
    Boolean apply(Draft draft) {
      return draft.freeze(expected, next);
    }

    @Override
    Kind kind() {
      return Kind.DELETE;
    }

    @Override
    long size() {
      return 0;
    }
  }

  /** Deletes keys that have expired, each as a change of its own. */
  static final class Expire extends Write<Revision> {
    private final List<Key> keys;

    Expire(List<Key> keys) {
      this.keys = keys;
    }

    @Override
    Revision apply(Draft draft) throws RocksDBException {
      for (Key key : keys) {
        draft.step().expire(key);
      }
      return draft.state().revision();
    }

    @Override
    Kind kind() {
      return Kind.DELETE;
    }

    @Override
    long size() {
      return keys.stream().mapToLong(key -> key.bytes().size()).sum();
    }
  }

  /** Forgets the history up to a revision. */
  static final class CompactHistory extends Write<Revision> {
    private final Revision upTo;
    private final long bytes;

    /**
     * @param bytes the size of what is forgotten
     */
    CompactHistory(Revision upTo, long bytes) {
      this.upTo = upTo;
      this.bytes = bytes;
    }

    @Override
    Revision apply(Draft draft) throws RocksDBException {
      draft.compactHistory(upTo, bytes);
      return draft.state().revision();
    }

    @Override
    Kind kind() {
      return Kind.DELETE;
    }

    @Override
    long size() {
      return 0;
    }
  }
}
