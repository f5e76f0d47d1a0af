package io.cloudraft.kvs.service.engine.etcd;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import io.etcd.jetcd.api.WatchCreateRequest;
import io.etcd.jetcd.api.WatchGrpc;
import io.etcd.jetcd.api.WatchProgressRequest;
import io.etcd.jetcd.api.WatchRequest;
import io.etcd.jetcd.api.WatchResponse;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;

/** One watch of etcd, at one member, until either side ends it. */
final class WatchStream {

  /** Hears of what comes, on a thread that must not be held up, one after the other. */
  interface Listener {
    void heard(WatchResponse response);

    /** Nothing comes any more. */
    void ended(Status status);
  }

  /**
   * Not in the messages that we have: a response may come in parts, of which this is not the last.
   */
  private static final int FRAGMENT_OF_REQUEST = 8;

  private static final int FRAGMENT_OF_RESPONSE = 7;

  private final ClientCall<WatchRequest, WatchResponse> call;
  private boolean ended;

  /**
   * Begins to watch.
   *
   * @param patience how many responses may come before {@link #more} is called
   */
  WatchStream(
      Member member,
      Metadata headers,
      ByteString from,
      ByteString end,
      long startRevision,
      int patience,
      Listener listener) {
    this.call = member.call(WatchGrpc.getWatchMethod(), CallOptions.DEFAULT);
    call.start(
        new ClientCall.Listener<>() {
          @Override
          public void onMessage(WatchResponse response) {
            listener.heard(response);
          }

          @Override
          public void onClose(Status status, Metadata trailers) {
            listener.ended(status);
          }
        },
        headers);
    call.request(patience);
    call.sendMessage(
        WatchRequest.newBuilder()
            .setCreateRequest(
                WatchCreateRequest.newBuilder()
                    .setKey(from)
                    .setRangeEnd(end)
                    .setStartRevision(startRevision)
                    .setUnknownFields(fragments()))
            .build());
  }

  /** Asks for parts: a response may otherwise be as large as a thousand revisions are. */
  private static UnknownFieldSet fragments() {
    return UnknownFieldSet.newBuilder()
        .addField(FRAGMENT_OF_REQUEST, UnknownFieldSet.Field.newBuilder().addVarint(1).build())
        .build();
  }

  /** Whether more of the same follows. */
  static boolean isFragment(WatchResponse response) {
    return response.getUnknownFields().hasField(FRAGMENT_OF_RESPONSE)
        && response.getUnknownFields().getField(FRAGMENT_OF_RESPONSE).getVarintList().contains(1L);
  }

  /** Has etcd tell up to which revision it has told everything, if it has told everything. */
  synchronized void askForProgress() {
    if (!ended) {
      call.sendMessage(
          WatchRequest.newBuilder()
              .setProgressRequest(WatchProgressRequest.getDefaultInstance())
              .build());
    }
  }

  /** One more response may come. */
  void more() {
    call.request(1);
  }

  synchronized void close() {
    if (!ended) {
      ended = true;
      call.cancel("not wanted any more", null);
    }
  }
}
