package io.cloudraft.kvs.service.engine.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.cloudraft.kvs.service.store.StoreFailure;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.ResponseHeader;
import io.etcd.jetcd.api.ResponseOp;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SharedWritesTest {
  private static final int REVISION = 7;

  private final List<Call> calls = new ArrayList<>();
  private final List<Runnable> later = new ArrayList<>();
  private SharedWrites writes = writes(128, 1_500_000);

  private SharedWrites writes(int maxOperations, int maxRequestBytes) {
    return new SharedWrites(
        this::call, (_, task) -> later.add(task), maxOperations, maxRequestBytes);
  }

  private record Call(TxnRequest request, long deadline, CompletableFuture<TxnResponse> answer) {
    boolean isShared() {
      return request.getSuccess(0).hasRequestTxn();
    }

    /** What is written by it, one for each who wrote. */
    List<TxnRequest> parts() {
      return isShared()
          ? request.getSuccessList().stream().map(RequestOp::getRequestTxn).toList()
          : List.of(request);
    }

    /** As etcd does: the conditions of every second one do not hold. */
    void succeed() {
      TxnResponse.Builder response = TxnResponse.newBuilder();
      response.setHeader(ResponseHeader.newBuilder().setRevision(REVISION));
      for (int i = 0; isShared() && i < request.getSuccessCount(); i++) {
        response.addResponses(
            ResponseOp.newBuilder()
                .setResponseTxn(TxnResponse.newBuilder().setSucceeded(i % 2 == 0)));
      }
      answer.complete(response.setSucceeded(true).build());
    }

    void fail(RuntimeException failure) {
      answer.completeExceptionally(failure);
    }
  }

  private CompletableFuture<TxnResponse> call(TxnRequest request, long deadline) {
    Call call = new Call(request, deadline, new CompletableFuture<>());
    calls.add(call);
    return call.answer;
  }

  private static TxnRequest put(int number, int size) {
    return TxnRequest.newBuilder()
        .addSuccess(
            Requests.put(
                ByteString.copyFromUtf8("key-" + number), ByteString.copyFrom(new byte[size])))
        .build();
  }

  /** Each has until the moment of its number. */
  private List<CompletableFuture<TxnResponse>> write(int from, int to) {
    return IntStream.range(from, to).mapToObj(i -> writes.write(put(i, 10), i)).toList();
  }

  private List<Integer> sizes() {
    return calls.stream().map(call -> call.parts().size()).toList();
  }

  @Test
  void writesAtOnceWhileThereAreFew() {
    write(0, 2);

    assertThat(calls).extracting(Call::request).containsExactly(put(0, 10), put(1, 10));
    assertThat(later).isEmpty();
  }

  @Test
  void writesTogetherWhatCameMeanwhileAndGivesEachItsOwnOutcome() {
    List<CompletableFuture<TxnResponse>> all = write(0, 6);
    assertThat(sizes()).containsExactly(1, 1);

    calls.getFirst().succeed();

    assertThat(sizes()).containsExactly(1, 1, 4);
    assertThat(calls.getLast().parts())
        .containsExactly(put(2, 10), put(3, 10), put(4, 10), put(5, 10));
    assertThat(calls.getLast().deadline()).as("that of the last of them").isEqualTo(5);
    calls.getLast().succeed();
    assertThat(all.subList(2, 6))
        .extracting(answer -> answer.join().getSucceeded())
        .containsExactly(true, false, true, false);
    assertThat(all.subList(2, 6))
        .allSatisfy(
            answer -> assertThat(answer.join().getHeader().getRevision()).isEqualTo(REVISION));
  }

  @Test
  void goesOnAfterAMomentThoughNothingIsAnswered() {
    write(0, 70);
    assertThat(later).hasSize(1);

    later.removeFirst().run();

    assertThat(sizes()).containsExactly(1, 1, 32, 32, 4);
  }

  @Test
  void writesTheLargeOnesByThemselves() {
    write(0, 2);

    var _ = writes.write(put(2, 20_000), 2);
    assertThat(calls.getLast().request()).isEqualTo(put(2, 20_000));

    TxnRequest.Builder several = TxnRequest.newBuilder();
    for (int i = 3; i < 12; i++) {
      several.addSuccess(put(i, 10).getSuccess(0));
    }
    var _ = writes.write(several.build(), 3);
    assertThat(calls.getLast().request()).isEqualTo(several.build());
  }

  @Test
  void staysBelowTheLimitsOfEtcd() {
    writes = writes(16, 1_500_000);
    write(0, 20);
    calls.getFirst().succeed();
    assertThat(sizes()).containsExactly(1, 1, 7);

    calls.clear();
    writes = writes(128, 64_000);
    write(0, 2);
    var _ = writes.write(put(2, 1_000), 2);
    assertThat(calls).as("32 of this size would be half of a call").hasSize(3);
  }

  @Test
  void writesEachByItselfWhereOneMayBeTooLarge() {
    List<CompletableFuture<TxnResponse>> all = write(0, 4);
    calls.getFirst().succeed();

    calls.getLast().fail(new StoreFailure.TooLarge("request is too large"));
    assertThat(calls.subList(3, 5))
        .extracting(Call::request)
        .containsExactly(put(2, 10), put(3, 10));
    calls.get(3).fail(new StoreFailure.TooLarge("request is too large"));
    calls.get(4).succeed();

    assertThatThrownBy(() -> EtcdClient.await(all.get(2)))
        .isInstanceOf(StoreFailure.TooLarge.class);
    assertThat(all.get(3).join().getSucceeded()).isTrue();
    calls.get(1).succeed();
    write(4, 6);
    assertThat(sizes()).as("each call has ended once").containsExactly(1, 1, 2, 1, 1, 1, 1);
  }

  /** Where there is no room for a put, there is for a delete. */
  @Test
  void deletesByOtherCallsThanItPuts() {
    write(0, 3);
    TxnRequest delete =
        TxnRequest.newBuilder()
            .addSuccess(Requests.delete(ByteString.copyFromUtf8("key")))
            .addFailure(Requests.get(ByteString.copyFromUtf8("key")))
            .build();
    List<CompletableFuture<TxnResponse>> deletes =
        IntStream.range(3, 7).mapToObj(i -> writes.write(delete, i)).toList();
    calls.getFirst().succeed();

    assertThat(calls).extracting(Call::request).endsWith(delete, delete, put(2, 10));
    calls.get(2).succeed();
    assertThat(calls.getLast().parts()).containsExactly(delete, delete);
    calls.getLast().succeed();
    assertThat(deletes.subList(2, 4)).allMatch(CompletableFuture::isDone);
  }

  /** etcd may have done all of it, and say that it has no room for more. */
  @ParameterizedTest
  @MethodSource("failuresThatTellNotWhetherItWasDone")
  void doesNothingTwice(StoreFailure failure) {
    List<CompletableFuture<TxnResponse>> all = write(0, 4);
    calls.getFirst().succeed();

    calls.getLast().fail(failure);

    assertThat(calls).hasSize(3);
    assertThat(all.subList(2, 4))
        .allSatisfy(answer -> assertThatThrownBy(() -> EtcdClient.await(answer)).isSameAs(failure));
  }

  static List<StoreFailure> failuresThatTellNotWhetherItWasDone() {
    return List.of(
        new StoreFailure.OutcomeUnknown("no answer came"),
        new StoreFailure.DiskFull("etcd has no room"));
  }
}
