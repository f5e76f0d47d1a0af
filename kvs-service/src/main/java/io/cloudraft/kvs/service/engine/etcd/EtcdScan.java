package io.cloudraft.kvs.service.engine.etcd;

import com.google.protobuf.ByteString;
import io.cloudraft.kvs.service.store.Bytes;
import io.cloudraft.kvs.service.store.Entry;
import io.cloudraft.kvs.service.store.Key;
import io.cloudraft.kvs.service.store.Page;
import io.cloudraft.kvs.service.store.Revision;
import io.cloudraft.kvs.service.store.Scan;
import io.cloudraft.kvs.service.store.StoreFailure;
import io.etcd.jetcd.api.KeyValue;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/** A walk over all keys of a prefix at one moment, which leaves out those without the suffix. */
final class EtcdScan implements Scan {
  private final Moment moment;
  private final KeySpace keys;
  private final Identity identity;
  private final Bytes suffix;
  private final BooleanSupplier closed;
  private final Function<Revision, StoreFailure> compacted;
  private final ByteString end;
  private final Queue<KeyValue> portion = new ArrayDeque<>();
  private ByteString from;
  private boolean ended;

  EtcdScan(
      Moment moment,
      KeySpace keys,
      Identity identity,
      Bytes prefix,
      Bytes suffix,
      BooleanSupplier closed,
      Function<Revision, StoreFailure> compacted) {
    this.moment = moment;
    this.keys = keys;
    this.identity = identity;
    this.suffix = suffix;
    this.closed = closed;
    this.compacted = compacted;
    this.from = keys.entries().startOf(prefix);
    this.end = keys.entries().endOf(prefix);
    readOn();
  }

  private void readOn() {
    List<KeyValue> read;
    try {
      read = moment.entries(from, end);
    } catch (EtcdRefusal refusal) {
      throw compacted.apply(moment.revision());
    }
    if (read.isEmpty()) {
      ended = true;
    } else {
      portion.addAll(read);
      from = read.getLast().getKey().concat(KeySpace.ZERO);
    }
  }

  @Override
  public Revision revision() {
    return moment.revision();
  }

  @Override
  public Optional<Page.Item> next() {
    while (true) {
      if (closed.getAsBoolean()) {
        throw new StoreFailure.Closed();
      }
      for (KeyValue kv = portion.poll(); kv != null; kv = portion.poll()) {
        Key key = keys.keyOfEntry(kv.getKey());
        if (key.bytes().endsWith(suffix)) {
          Entry entry = identity.entry(kv);
          if (entry.metadata().expires().filter(moment::hasPassed).isEmpty()) {
            return Optional.of(new Page.Item(key, Optional.of(entry)));
          }
        }
      }
      if (ended) {
        return Optional.empty();
      }
      readOn();
    }
  }

  @Override
  public void close() {
    ended = true;
    portion.clear();
  }
}
