package io.cloudraft.kvs.service.engine.etcd;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeResponse;
import io.etcd.jetcd.api.ResponseOp;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads keys, several by one call, each after it has begun: so a read sees all that was answered
 * before it.
 */
final class SharedReads {
  private static final int LARGEST_PORTION = 64;

  /** About so much is asked for at once. */
  private static final int PORTION_BYTES = 256 * 1024;

  private final Etcd etcd;
  private final boolean serializable;
  private final Batches<Read> batches;

  /** Guarded by itself. */
  private final Portion portion;

  /** Makes one call. */
  interface Etcd {
    /** The cheaper one, for one key. */
    CompletableFuture<RangeResponse> range(RangeRequest request);

    CompletableFuture<TxnResponse> read(TxnRequest request);
  }

  private record Read(ByteString key, CompletableFuture<RangeResponse> answer) {}

  /**
   * Reads from etcd.
   *
   * @param etcd makes the calls
   * @param later does something later
   * @param serializable whether any member may answer from what it knows, however old
   */
  SharedReads(
      Etcd etcd, BiConsumer<Duration, Runnable> later, boolean serializable, int maxOperations) {
    this.etcd = etcd;
    this.serializable = serializable;
    this.batches = new Batches<>(1, this::portion, later, this::ask);
    int largest = Math.min(LARGEST_PORTION, maxOperations);
    this.portion = new Portion(largest, largest, PORTION_BYTES);
  }

  private int portion() {
    synchronized (portion) {
      return portion.size();
    }
  }

  /** What is under a key. */
  CompletableFuture<RangeResponse> get(ByteString key) {
    Read read = new Read(key, new CompletableFuture<>());
    batches.add(read);
    return read.answer;
  }

  private void ask(List<Read> reads) {
    if (reads.size() == 1) {
      var _ =
          etcd.range(range(reads.getFirst()).build())
              .whenComplete(
                  (response, failure) ->
                      answer(reads, response == null ? null : List.of(response), failure));
      return;
    }
    TxnRequest.Builder request = TxnRequest.newBuilder();
    reads.forEach(read -> request.addSuccess(Requests.range(range(read))));
    var _ =
        etcd.read(request.build())
            .whenComplete(
                (response, failure) ->
                    answer(reads, response == null ? null : ranges(response), failure));
  }

  private RangeRequest.Builder range(Read read) {
    return RangeRequest.newBuilder().setKey(read.key).setSerializable(serializable);
  }

  private static List<RangeResponse> ranges(TxnResponse response) {
    return response.getResponsesList().stream().map(ResponseOp::getResponseRange).toList();
  }

  private void answer(
      List<Read> reads, @Nullable List<RangeResponse> found, @Nullable Throwable failure) {
    boolean tooLarge =
        reads.size() > 1
            && failure instanceof EtcdRefusal refusal
            && refusal.kind() == EtcdRefusal.Kind.LARGE;
    synchronized (portion) {
      if (tooLarge) {
        portion.wasTooLarge(reads.size());
      } else if (found != null) {
        portion.came(reads.size(), bytesOf(found));
      }
    }
    batches.ended(tooLarge ? reads : List.of());
    if (tooLarge) {
      return;
    }
    for (int i = 0; i < reads.size(); i++) {
      if (found == null) {
        reads.get(i).answer.completeExceptionally(failure);
      } else {
        reads.get(i).answer.complete(found.get(i));
      }
    }
  }

  private static long bytesOf(List<RangeResponse> found) {
    return found.stream()
        .flatMap(range -> range.getKvsList().stream())
        .map(KeyValue::getValue)
        .mapToLong(ByteString::size)
        .sum();
  }
}
