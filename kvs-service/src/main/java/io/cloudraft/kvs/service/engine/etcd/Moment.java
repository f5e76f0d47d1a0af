package io.cloudraft.kvs.service.engine.etcd;

import com.google.protobuf.ByteString;
import io.cloudraft.kvs.service.engine.StoreClock;
import io.cloudraft.kvs.service.engine.etcd.EtcdClient.Whom;
import io.cloudraft.kvs.service.store.Entry;
import io.cloudraft.kvs.service.store.Key;
import io.cloudraft.kvs.service.store.Page.Item;
import io.cloudraft.kvs.service.store.Revision;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeResponse;
import io.etcd.jetcd.api.ResponseOp;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The store as it was at one moment: the revision and the time of the first question that is asked
 * of it.
 */
final class Moment {
  private static final int FIRST_PORTION = 32;
  private static final int LARGEST_PORTION = 1000;

  /** About so much is asked for at once where values come along. */
  private static final int PORTION_BYTES = 1024 * 1024;

  private final EtcdClient client;
  private final KeySpace keys;
  private final Identity identity;
  private final StoreClock clock;
  private final boolean serializable;
  private final int maxOperations;

  private long revision;
  private Instant now = Instant.EPOCH;

  /** How many values to ask for next. */
  private final Portion portion = new Portion(FIRST_PORTION, LARGEST_PORTION, PORTION_BYTES);

  /**
   * @param serializable whether any member may answer from what it knows, however old
   */
  Moment(
      EtcdClient client,
      KeySpace keys,
      Identity identity,
      StoreClock clock,
      boolean serializable,
      int maxOperations) {
    this.client = client;
    this.keys = keys;
    this.identity = identity;
    this.clock = clock;
    this.serializable = serializable;
    this.maxOperations = maxOperations;
  }

  /** The answers to all of these. */
  List<RangeResponse> ask(List<RangeRequest.Builder> questions) {
    TxnRequest.Builder request = TxnRequest.newBuilder();
    for (RangeRequest.Builder question : questions) {
      if (question.getRevision() == 0) {
        question.setRevision(revision);
      }
      request.addSuccess(Requests.range(question.setSerializable(serializable)));
    }
    // Much work, which all members share.
    TxnResponse response =
        EtcdClient.await(client.read(Whom.EACH_IN_TURN, request.build(), client.deadline()));
    if (revision == 0) {
      revision = response.getHeader().getRevision();
      // After the answer: what had expired then has expired now.
      now = clock.now();
    }
    return response.getResponsesList().stream().map(ResponseOp::getResponseRange).toList();
  }

  RangeResponse ask(RangeRequest.Builder question) {
    return ask(List.of(question)).getFirst();
  }

  Revision revision() {
    return identity.revision(revision);
  }

  boolean hasPassed(Instant deadline) {
    return !deadline.isAfter(now);
  }

  /** Keys that have expired by the time of this moment, and were not deleted yet. */
  List<Key> expired(RangeResponse expiry) {
    List<Key> expired = new ArrayList<>();
    for (KeyValue kv : expiry.getKvsList()) {
      KeySpace.Expiring expiring = keys.expiring(kv.getKey());
      if (hasPassed(expiring.deadline())) {
        expired.add(expiring.key());
      }
    }
    return expired;
  }

  /** The items with these keys, up to the one that makes keys and values so large. */
  List<Item> items(List<Key> wanted, long maxBytes) {
    List<Item> items = new ArrayList<>(wanted.size());
    long bytes = 0;
    while (items.size() < wanted.size() && bytes < maxBytes) {
      List<Key> next =
          wanted.subList(
              items.size(),
              Math.min(wanted.size(), items.size() + Math.min(portion.size(), maxOperations)));
      Optional<List<RangeResponse>> answers =
          askForValues(
              next.stream().map(key -> RangeRequest.newBuilder().setKey(keys.entry(key))).toList());
      if (answers.isEmpty()) {
        continue;
      }
      long before = bytes;
      int taken = 0;
      for (RangeResponse answer : answers.get()) {
        if (bytes >= maxBytes) {
          break;
        }
        Key key = next.get(taken++);
        Entry entry = identity.entry(answer.getKvs(0));
        bytes += key.bytes().size() + entry.value().bytes().size();
        items.add(new Item(key, Optional.of(entry)));
      }
      portion.came(taken, bytes - before);
    }
    return items;
  }

  /** The entries from a place on, as many as make a good portion. */
  List<KeyValue> entries(ByteString from, ByteString end) {
    while (true) {
      Optional<List<RangeResponse>> answers =
          askForValues(
              List.of(
                  RangeRequest.newBuilder()
                      .setKey(from)
                      .setRangeEnd(end)
                      .setLimit(portion.size())));
      if (answers.isPresent()) {
        List<KeyValue> entries = answers.get().getFirst().getKvsList();
        portion.came(entries.size(), entries.stream().mapToLong(kv -> kv.getValue().size()).sum());
        return entries;
      }
    }
  }

  /** Nothing when the answer would be too large: then less is asked for. */
  private Optional<List<RangeResponse>> askForValues(List<RangeRequest.Builder> questions) {
    try {
      return Optional.of(ask(questions));
    } catch (EtcdRefusal refusal) {
      if (refusal.kind() == EtcdRefusal.Kind.LARGE && portion.size() > 1) {
        portion.wasTooLarge(portion.size());
        return Optional.empty();
      }
      throw refusal;
    }
  }
}
