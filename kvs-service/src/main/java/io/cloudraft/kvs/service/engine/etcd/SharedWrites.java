package io.cloudraft.kvs.service.engine.etcd;

import io.cloudraft.kvs.service.store.StoreFailure;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Writes transactions that have no key in common, several by one call. Within it each is a
 * transaction of its own, with its own conditions, and is done or not whatever becomes of the
 * others. Those that are done have one revision.
 */
final class SharedWrites {
  /** More than one, so that the members are not idle while answers and writes are on their way. */
  private static final int CALLS_AT_ONCE = 2;

  private static final int LARGEST_SHARE = 32;

  /** Larger ones have a call for themselves. */
  private static final int MAX_BYTES = 16 * 1024;

  private static final int MAX_OPERATIONS = 8;

  /** Of an operation that is a transaction again. */
  private static final int OPERATIONS_WITHIN = 1;

  /** Makes one call. */
  @FunctionalInterface
  interface Etcd {
    CompletableFuture<TxnResponse> write(TxnRequest request, long deadline);
  }

  private final Etcd etcd;
  private final int maxBytes;
  private final Batches<Write> puts;

  /** What needs no room: etcd takes it where it is full, unless it comes together with a put. */
  private final Batches<Write> others;

  private record Write(
      TxnRequest request,
      long deadline,
      Batches<Write> batches,
      CompletableFuture<TxnResponse> answer) {
    void end(@Nullable TxnResponse response, @Nullable Throwable failure) {
      if (response == null) {
        answer.completeExceptionally(failure);
      } else {
        answer.complete(response);
      }
    }
  }

  SharedWrites(
      Etcd etcd, BiConsumer<Duration, Runnable> later, int maxOperations, int maxRequestBytes) {
    this.etcd = etcd;
    // etcd adds up the operations of a transaction and of those within.
    int share = Math.clamp(maxOperations - MAX_OPERATIONS - OPERATIONS_WITHIN, 1, LARGEST_SHARE);
    this.maxBytes = Math.min(MAX_BYTES, maxRequestBytes / (2 * share));
    this.puts = new Batches<>(CALLS_AT_ONCE, () -> share, later, this::call);
    this.others = new Batches<>(CALLS_AT_ONCE, () -> share, later, this::call);
  }

  /**
   * Writes one transaction.
   *
   * @param request nothing that is written by another one before this one is answered
   */
  CompletableFuture<TxnResponse> write(TxnRequest request, long deadline) {
    if (!mayShare(request)) {
      return etcd.write(request, deadline);
    }
    Batches<Write> batches = needsRoom(request) ? puts : others;
    Write write = new Write(request, deadline, batches, new CompletableFuture<>());
    batches.add(write);
    return write.answer;
  }

  private static boolean needsRoom(TxnRequest request) {
    return Stream.concat(request.getSuccessList().stream(), request.getFailureList().stream())
        .anyMatch(
            part ->
                part.hasRequestPut() || (part.hasRequestTxn() && needsRoom(part.getRequestTxn())));
  }

  private boolean mayShare(TxnRequest request) {
    return request.getCompareCount() <= MAX_OPERATIONS
        && request.getSuccessCount() <= MAX_OPERATIONS
        && request.getFailureCount() <= MAX_OPERATIONS
        && request.getSerializedSize() <= maxBytes;
  }

  private void call(List<Write> writes) {
    Batches<Write> batches = writes.getFirst().batches;
    if (writes.size() == 1) {
      Write write = writes.getFirst();
      var _ =
          etcd.write(write.request, write.deadline)
              .whenComplete(
                  (response, failure) -> {
                    batches.ended(List.of());
                    write.end(response, failure);
                  });
    } else {
      var _ =
          etcd.write(together(writes), latest(writes))
              .whenComplete(
                  (response, failure) -> {
                    batches.ended(List.of());
                    end(writes, response, failure);
                  });
    }
  }

  private static TxnRequest together(List<Write> writes) {
    TxnRequest.Builder all = TxnRequest.newBuilder();
    writes.forEach(write -> all.addSuccess(RequestOp.newBuilder().setRequestTxn(write.request)));
    return all.build();
  }

  private static long latest(List<Write> writes) {
    return writes.stream()
        .mapToLong(Write::deadline)
        .reduce((a, b) -> a - b < 0 ? b : a)
        .orElseThrow();
  }

  private void end(
      List<Write> writes, @Nullable TxnResponse response, @Nullable Throwable failure) {
    for (int i = 0; i < writes.size(); i++) {
      Write write = writes.get(i);
      if (failure instanceof StoreFailure.TooLarge) {
        // Nothing was done, perhaps because of one of them only.
        var _ = etcd.write(write.request, write.deadline).whenComplete(write::end);
      } else {
        write.end(response == null ? null : part(response, i), failure);
      }
    }
  }

  private static TxnResponse part(TxnResponse response, int i) {
    return response.getResponses(i).getResponseTxn().toBuilder()
        .setHeader(response.getHeader())
        .build();
  }
}
