package io.cloudraft.kvs.service.engine.etcd;

import io.cloudraft.kvs.service.engine.ChangeId;
import io.cloudraft.kvs.service.store.Change;
import io.cloudraft.kvs.service.store.Entry;
import io.cloudraft.kvs.service.store.Revision;
import io.etcd.jetcd.api.Event;
import io.etcd.jetcd.api.KeyValue;
import java.util.Optional;

/** Gives the events of one watch their places in the history: to be asked in their order. */
final class Places {
  /** About so much the objects of a change take, beside key and value. */
  private static final int BYTES_OF_OBJECTS = 450;

  private final KeySpace keys;
  private final Identity identity;
  private ChangeId last = new ChangeId(0, 0);

  Places(KeySpace keys, Identity identity) {
    this.keys = keys;
    this.identity = identity;
  }

  /**
   * A change and its place.
   *
   * @param bytes about what it takes in memory
   */
  record Placed(ChangeId id, Change change, long bytes) {}

  Placed place(Event event) {
    KeyValue kv = event.getKv();
    Revision revision = identity.revision(kv.getModRevision());
    last = last.revision() == revision.number() ? last.next() : new ChangeId(revision.number(), 0);
    Optional<Entry> entry =
        event.getType() == Event.EventType.PUT ? Optional.of(identity.entry(kv)) : Optional.empty();
    return new Placed(
        last,
        new Change(revision, keys.keyOfEntry(kv.getKey()), entry),
        BYTES_OF_OBJECTS + kv.getKey().size() + kv.getValue().size());
  }
}
