package io.cloudraft.kvs.service.engine.etcd;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.handler.ssl.SslContext;
import java.net.URI;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** One member of the etcd cluster: the connection to it, and whether it answers. */
final class Member {
  /** Larger than any answer that is asked for, but for transactions that read too much. */
  static final int MAX_ANSWER_BYTES = 20 * 1024 * 1024;

  private final URI endpoint;
  private final Set<ClientCall<?, ?>> reads = ConcurrentHashMap.newKeySet();
  private volatile ManagedChannel channel;

  /** What etcd knows it by, as it has told last; 0 before it has. */
  private volatile long id;

  /** Why it is not to be asked; nothing while it answers. */
  private volatile Optional<String> trouble = Optional.of("no answer yet");

  Member(URI endpoint, Optional<SslContext> tls) {
    this.endpoint = endpoint;
    this.channel = connect(tls);
  }

  private ManagedChannel connect(Optional<SslContext> tls) {
    int port = endpoint.getPort() < 0 ? 2379 : endpoint.getPort();
    NettyChannelBuilder builder =
        NettyChannelBuilder.forAddress(endpoint.getHost(), port)
            // What follows on an answer is short, and never waits.
            .directExecutor()
            .maxInboundMessageSize(MAX_ANSWER_BYTES)
            .keepAliveTime(10, TimeUnit.SECONDS)
            .keepAliveTimeout(5, TimeUnit.SECONDS);
    return tls.map(context -> builder.sslContext(context)).orElseGet(builder::usePlaintext).build();
  }

  URI endpoint() {
    return endpoint;
  }

  /** Uses other files of TLS from now on; what is under way goes on as it began. */
  void reconnect(Optional<SslContext> tls) {
    ManagedChannel former = channel;
    channel = connect(tls);
    former.shutdown();
  }

  <Q, R> ClientCall<Q, R> call(MethodDescriptor<Q, R> method, CallOptions options) {
    return channel.newCall(method, options);
  }

  /** Takes note of a read, which can be asked of another member if this one stops to answer. */
  void begin(ClientCall<?, ?> read) {
    reads.add(read);
  }

  void end(ClientCall<?, ?> read) {
    reads.remove(read);
  }

  boolean answers() {
    return trouble.isEmpty();
  }

  Optional<String> trouble() {
    return trouble;
  }

  long id() {
    return id;
  }

  void isWell(long idOfMember) {
    id = idOfMember;
    trouble = Optional.empty();
  }

  void isInTrouble(String why) {
    trouble = Optional.of(why);
    // Otherwise a call goes on to wait for a connection, though one could be had by now.
    channel.resetConnectBackoff();
  }

  /** So that all of them are asked of another member. */
  void giveUpReads() {
    reads.forEach(read -> read.cancel("the member does not answer", null));
  }

  void close() {
    channel.shutdownNow();
  }
}
