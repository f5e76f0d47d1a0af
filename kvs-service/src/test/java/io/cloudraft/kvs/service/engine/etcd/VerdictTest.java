package io.cloudraft.kvs.service.engine.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VerdictTest {
  private static Verdict ofWrite(Status status) {
    return Verdict.of(status, true, false);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "etcdserver: no leader",
        "raft proposal dropped",
        "etcdserver: not capable",
      })
  void isSentAgainWhereItWasRefusedBeforeItWasProposed(String text) {
    assertThat(ofWrite(Status.UNAVAILABLE.withDescription(text))).isInstanceOf(Verdict.Again.class);
  }

  /** A member that ends says so of what it has proposed as well. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "etcdserver: server stopped",
        "etcdserver: request timed out",
        "etcdserver: leader changed",
      })
  void isNotSentAgainWhereItMayHaveBeenProposed(String text) {
    assertThat(ofWrite(Status.UNAVAILABLE.withDescription(text)))
        .isInstanceOf(Verdict.Unknown.class);
  }

  @Test
  void anAnswerThatIsTooLargeIsAnAnswer() {
    Status status =
        Status.RESOURCE_EXHAUSTED.withDescription(
            "gRPC message exceeds maximum size 20971520: 20971521");

    assertThat(ofWrite(status)).isInstanceOf(Verdict.Unknown.class);
    assertThat(Verdict.of(status, true, true)).isInstanceOf(Verdict.Final.class);
  }

  /** etcd looks for room before it proposes a write, and once more when it does it. */
  @Test
  void whatFillsEtcdMayHaveBeenDone() {
    assertThat(
            ofWrite(
                Status.RESOURCE_EXHAUSTED.withDescription(
                    "etcdserver: mvcc: database space exceeded")))
        .asString()
        .contains("may have been done");
  }
}
