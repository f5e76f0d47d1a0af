package io.cloudraft.kvs.service.engine.etcd;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeResponse;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads keys, several by one call. Who comes while a call is under way waits until it is answered,
 * and is then asked for together with all others that wait: the more there are, the less each of
 * them costs. Who comes alone waits for nobody.
 *
 * <p>A call takes what came before it began, so that a read sees all that was answered before it. A
 * call that is not answered soon holds nobody up: after a moment the next one begins all the same.
 */
final class SharedReads {
  private static final Duration MOMENT = Duration.ofMillis(10);
  private static final int LARGEST_PORTION = 64;

  /** About so much is asked for at once. */
  private static final int PORTION_BYTES = 256 * 1024;

  private final Function<TxnRequest, CompletableFuture<TxnResponse>> etcd;
  private final BiConsumer<Duration, Runnable> later;
  private final boolean serializable;

  /** Guarded by this object, as is what follows. */
  private final Queue<Read> waiting = new ArrayDeque<>();

  private final Portion portion;

  private int calls;
  private boolean isWatched;

  private record Read(ByteString key, CompletableFuture<RangeResponse> answer) {}

  /**
   * Reads from etcd.
   *
   * @param etcd makes one call
   * @param later does something later
   * @param serializable whether any member may answer from what it knows, however old
   */
  SharedReads(
      Function<TxnRequest, CompletableFuture<TxnResponse>> etcd,
      BiConsumer<Duration, Runnable> later,
      boolean serializable,
      int maxOperations) {
    this.etcd = etcd;
    this.later = later;
    this.serializable = serializable;
    int largest = Math.min(LARGEST_PORTION, maxOperations);
    this.portion = new Portion(largest, largest, PORTION_BYTES);
  }

  /** What is under a key. */
  CompletableFuture<RangeResponse> get(ByteString key) {
    Read read = new Read(key, new CompletableFuture<>());
    synchronized (this) {
      waiting.add(read);
    }
    askNext();
    return read.answer;
  }

  private void askNext() {
    for (List<Read> next = next(); !next.isEmpty(); next = next()) {
      ask(next);
    }
  }

  private synchronized List<Read> next() {
    if (calls == 0) {
      return take();
    }
    if (!waiting.isEmpty() && !isWatched) {
      isWatched = true;
      later.accept(MOMENT, this::askAnyway);
    }
    return List.of();
  }

  private void askAnyway() {
    List<List<Read>> all = new ArrayList<>();
    synchronized (this) {
      isWatched = false;
      while (!waiting.isEmpty()) {
        all.add(take());
      }
    }
    all.forEach(this::ask);
  }

  private synchronized List<Read> take() {
    List<Read> taken = new ArrayList<>();
    while (taken.size() < portion.size() && !waiting.isEmpty()) {
      taken.add(waiting.remove());
    }
    calls += taken.isEmpty() ? 0 : 1;
    return taken;
  }

  private void ask(List<Read> reads) {
    TxnRequest.Builder request = TxnRequest.newBuilder();
    for (Read read : reads) {
      request.addSuccess(
          Requests.range(RangeRequest.newBuilder().setKey(read.key).setSerializable(serializable)));
    }
    var _ =
        etcd.apply(request.build())
            .whenComplete((response, failure) -> answer(reads, response, failure));
  }

  private void answer(
      List<Read> reads, @Nullable TxnResponse response, @Nullable Throwable failure) {
    boolean tooLarge =
        reads.size() > 1
            && failure instanceof EtcdRefusal refusal
            && refusal.kind() == EtcdRefusal.Kind.LARGE;
    synchronized (this) {
      calls--;
      if (tooLarge) {
        portion.wasTooLarge(reads.size());
        waiting.addAll(reads);
      } else if (response != null) {
        portion.came(reads.size(), bytesOf(response));
      }
    }
    askNext();
    if (tooLarge) {
      return;
    }
    for (int i = 0; i < reads.size(); i++) {
      if (response == null) {
        reads.get(i).answer.completeExceptionally(failure);
      } else {
        reads.get(i).answer.complete(response.getResponses(i).getResponseRange());
      }
    }
  }

  private static long bytesOf(TxnResponse response) {
    return response.getResponsesList().stream()
        .flatMap(part -> part.getResponseRange().getKvsList().stream())
        .map(KeyValue::getValue)
        .mapToLong(ByteString::size)
        .sum();
  }
}
