package io.cloudraft.kvs.service.engine.etcd;

import io.grpc.Attributes;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ClientStreamTracer;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Makes one call of one member. */
final class Calls {
  private Calls() {}

  /** What comes of a call, told on a thread that must not be held up. */
  interface Answer<R> {
    void done(R answer);

    /**
     * It was not answered.
     *
     * @param sent false when the request has surely not reached the member
     */
    void failed(Status status, boolean sent);
  }

  /**
   * Begins a call.
   *
   * @param read whether it changes nothing, so that it may be asked of another member as well
   */
  static <Q, R> void make(
      Member member,
      MethodDescriptor<Q, R> method,
      Q request,
      Metadata headers,
      long nanos,
      boolean read,
      Answer<R> answer) {
    Sent sent = new Sent();
    ClientCall<Q, R> call =
        member.call(
            method,
            CallOptions.DEFAULT
                .withDeadlineAfter(nanos, TimeUnit.NANOSECONDS)
                .withStreamTracerFactory(sent));
    Listener<R> listener = new Listener<>(member, call, sent, answer);
    call.start(listener, headers);
    call.request(2);
    call.sendMessage(request);
    call.halfClose();
    if (read) {
      // Not before: a call that is given up takes no request any more.
      member.begin(call);
      if (listener.closed) {
        member.end(call);
      }
    }
  }

  private static final class Listener<R> extends ClientCall.Listener<R> {
    private final Member member;
    private final ClientCall<?, R> call;
    private final Sent sent;
    private final Answer<R> answer;
    private @Nullable R message;
    private volatile boolean closed;

    Listener(Member member, ClientCall<?, R> call, Sent sent, Answer<R> answer) {
      this.member = member;
      this.call = call;
      this.sent = sent;
      this.answer = answer;
    }

    @Override
    public void onMessage(R received) {
      message = received;
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      closed = true;
      member.end(call);
      R received = message;
      if (status.isOk() && received != null) {
        answer.done(received);
      } else {
        answer.failed(status, sent.isSent());
      }
    }
  }

  /** Whether a call has got as far as a connection. */
  private static final class Sent extends ClientStreamTracer.Factory {
    private volatile boolean sent;

    @Override
    public ClientStreamTracer newClientStreamTracer(
        ClientStreamTracer.StreamInfo info, Metadata headers) {
      return new ClientStreamTracer() {
        @Override
        public void streamCreated(Attributes transport, Metadata headers) {
          sent = true;
        }
      };
    }

    boolean isSent() {
      return sent;
    }
  }
}
