package io.cloudraft.kvs.service.engine.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.cloudraft.kvs.service.store.StoreFailure;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeResponse;
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
      new SharedReads(new Etcd(), (_, task) -> later.add(task), false, 128);

  /** One of the two is what was asked for. */
  private record Call(
      List<ByteString> keys,
      CompletableFuture<RangeResponse> alone,
      CompletableFuture<TxnResponse> together) {

    Call(List<ByteString> keys) {
      this(keys, new CompletableFuture<>(), new CompletableFuture<>());
    }

    /** Each key is its own value. */
    void succeed() {
      succeed(0);
    }

    void succeed(int valueSize) {
      ByteString padding = ByteString.copyFrom(new byte[valueSize]);
      TxnResponse.Builder response = TxnResponse.newBuilder();
      for (ByteString key : keys) {
        KeyValue found = KeyValue.newBuilder().setKey(key).setValue(key.concat(padding)).build();
        RangeResponse range = RangeResponse.newBuilder().addKvs(found).build();
        response.addResponses(ResponseOp.newBuilder().setResponseRange(range));
        alone.complete(range);
      }
      together.complete(response.build());
    }

    void fail(RuntimeException failure) {
      alone.completeExceptionally(failure);
      together.completeExceptionally(failure);
    }
  }

  private final class Etcd implements SharedReads.Etcd {
    @Override
    public CompletableFuture<RangeResponse> range(RangeRequest request) {
      return call(List.of(request.getKey())).alone;
    }

    @Override
    public CompletableFuture<TxnResponse> read(TxnRequest request) {
      return call(request.getSuccessList().stream()
              .map(part -> part.getRequestRange().getKey())
              .toList())
          .together;
    }

    private Call call(List<ByteString> keys) {
      Call call = new Call(keys);
      calls.add(call);
      return call;
    }
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
    return calls.stream().map(call -> call.keys.size()).toList();
  }

  @Test
  void asksAtOnceForWhoComesAlone() {
    get(0, 1);

    assertThat(calls.getFirst().keys).containsExactly(key(0));
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

    assertThat(calls.getLast().keys).containsExactly(key(1));
    calls.getLast().succeed();
    assertThat(calls.getLast().keys).containsExactly(key(2));
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
    assertThat(calls.getLast().keys).containsExactly(key(200));
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
    calls.getLast().fail(new EtcdRefusal(EtcdRefusal.Kind.LARGE, "larger than 20971520"));
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
    calls.getLast().fail(new StoreFailure.Unavailable("etcd does not answer"));

    assertThat(all.getFirst()).isCompleted();
    assertThat(all.subList(1, 10))
        .allSatisfy(
            read ->
                assertThatThrownBy(() -> EtcdClient.await(read))
                    .isInstanceOf(StoreFailure.Unavailable.class));
  }
}
