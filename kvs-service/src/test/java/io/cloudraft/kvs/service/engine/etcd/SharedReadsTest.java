package io.cloudraft.kvs.service.engine.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.cloudraft.kvs.service.store.StoreFailure;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.RangeResponse;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.ResponseOp;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SharedReadsTest {
  private final List<Call> calls = new ArrayList<>();
  private final List<Runnable> later = new ArrayList<>();
  private final SharedReads reads =
      new SharedReads(this::call, (_, task) -> later.add(task), false, 128);

  private record Call(TxnRequest request, CompletableFuture<TxnResponse> answer) {
    List<ByteString> keys() {
      return request.getSuccessList().stream()
          .map(RequestOp::getRequestRange)
          .map(range -> range.getKey())
          .toList();
    }

    /** Each key is its own value. */
    void succeed() {
      succeed(0);
    }

    void succeed(int valueSize) {
      TxnResponse.Builder response = TxnResponse.newBuilder();
      for (ByteString key : keys()) {
        ByteString value = key.concat(ByteString.copyFrom(new byte[valueSize]));
        response.addResponses(
            ResponseOp.newBuilder()
                .setResponseRange(
                    RangeResponse.newBuilder()
                        .addKvs(KeyValue.newBuilder().setKey(key).setValue(value))));
      }
      answer.complete(response.build());
    }
  }

  private CompletableFuture<TxnResponse> call(TxnRequest request) {
    Call call = new Call(request, new CompletableFuture<>());
    calls.add(call);
    return call.answer;
  }

  private static ByteString key(int number) {
    return ByteString.copyFromUtf8("key-" + number);
  }

  private List<CompletableFuture<RangeResponse>> get(int from, int to) {
    return IntStream.range(from, to).mapToObj(i -> reads.get(key(i))).toList();
  }

  private static ByteString value(CompletableFuture<RangeResponse> read) {
    return read.join().getKvs(0).getValue();
  }

  private List<Integer> sizes() {
    return calls.stream().map(call -> call.keys().size()).toList();
  }

  @Test
  void asksAtOnceForWhoComesAlone() {
    get(0, 1);

    assertThat(calls.getFirst().keys()).containsExactly(key(0));
    assertThat(later).isEmpty();
  }

  @Test
  void asksTogetherForAllThatCameMeanwhileAndGivesEachItsOwn() {
    List<CompletableFuture<RangeResponse>> all = get(0, 10);
    assertThat(sizes()).containsExactly(1);

    calls.getFirst().succeed();
    assertThat(sizes()).containsExactly(1, 9);
    calls.getLast().succeed();

    for (int i = 0; i < 10; i++) {
      assertThat(value(all.get(i))).isEqualTo(key(i));
    }
  }

  /** What a call brings may be as old as its beginning. */
  @Test
  void neverLetsAReadJoinACallThatHasBegun() {
    get(0, 1);
    get(1, 2);
    calls.getFirst().succeed();
    get(2, 3);

    assertThat(calls.getLast().keys()).containsExactly(key(1));
    calls.getLast().succeed();
    assertThat(calls.getLast().keys()).containsExactly(key(2));
  }

  @Test
  void goesOnAfterAMomentThoughNothingIsAnswered() {
    get(0, 200);
    assertThat(sizes()).containsExactly(1);

    assertThat(later).hasSize(1);
    later.removeFirst().run();

    assertThat(sizes()).containsExactly(1, 64, 64, 64, 7);
    get(200, 201);
    assertThat(later).as("who comes then has a moment of its own").hasSize(1);
    later.removeFirst().run();
    assertThat(calls.getLast().keys()).containsExactly(key(200));
  }

  @Test
  void asksForFewerTheLargerTheValuesAre() {
    get(0, 300);

    calls.getFirst().succeed(100 * 1024);
    assertThat(sizes()).containsExactly(1, 2);
    calls.getLast().succeed(16);
    assertThat(sizes()).as("and for more again, step by step").containsExactly(1, 2, 8);
  }

  @Test
  void asksAnewForLessWhenAnAnswerWouldBeTooLarge() {
    List<CompletableFuture<RangeResponse>> all = get(0, 17);
    calls.getFirst().succeed();
    calls
        .getLast()
        .answer
        .completeExceptionally(new EtcdRefusal(EtcdRefusal.Kind.LARGE, "larger than 20971520"));
    assertThat(sizes()).containsExactly(1, 16, 2);

    for (int i = 2; i < calls.size(); i++) {
      calls.get(i).succeed();
    }
    for (int i = 0; i < 17; i++) {
      assertThat(value(all.get(i))).isEqualTo(key(i));
    }
  }

  @Test
  void tellsAllOfAFailure() {
    List<CompletableFuture<RangeResponse>> all = get(0, 10);
    calls.getFirst().succeed();
    calls
        .getLast()
        .answer
        .completeExceptionally(new StoreFailure.Unavailable("etcd does not answer"));

    assertThat(all.getFirst()).isCompleted();
    assertThat(all.subList(1, 10))
        .allSatisfy(
            read ->
                assertThatThrownBy(() -> EtcdClient.await(read))
                    .isInstanceOf(StoreFailure.Unavailable.class));
  }
}
