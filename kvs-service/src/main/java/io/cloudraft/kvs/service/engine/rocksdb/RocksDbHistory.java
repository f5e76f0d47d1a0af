package io.cloudraft.kvs.service.engine.rocksdb;

import io.cloudraft.kvs.service.engine.ChangeId;
import io.cloudraft.kvs.service.engine.History;
import io.cloudraft.kvs.service.store.Change;
import io.cloudraft.kvs.service.store.Key;
import io.cloudraft.kvs.service.store.Revision;
import io.cloudraft.kvs.service.store.StoreFailure;
import io.cloudraft.kvs.service.store.Watch;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.rocksdb.RocksIterator;

/** Reads the changes that the store remembers. */
final class RocksDbHistory implements History {
  /** A reader takes this much at a time. */
  private static final int MAX_VISITED = 10_000;

  private static final int MAX_CHANGES = 256;

  private final RocksDbStore store;

  RocksDbHistory(RocksDbStore store) {
    this.store = store;
  }

  @Override
  public Headlines headlines(Revision after) {
    return store.reading(
        database -> {
          List<Headline> changes = new ArrayList<>();
          Revision upTo = after;
          try (RocksIterator log = database.walkChanges()) {
            for (log.seek(ChangeId.firstAfter(after).encode()); log.isValid(); log.next()) {
              ChangeId id = ChangeId.decode(log.key());
              if (changes.isEmpty()) {
                refuseGap(ChangeId.firstAfter(after), id);
              }
              if (id.revision() > upTo.number() && changes.size() >= MAX_VISITED) {
                break;
              }
              upTo = new Revision(id.revision());
              changes.add(new Headline(id, StoredChange.read(log.value()).key()));
            }
            log.status();
          }
          if (changes.isEmpty()) {
            throw new StoreFailure.Compacted(after.next(), database.readState().compacted().next());
          }
          return new Headlines(changes, upTo);
        });
  }

  @Override
  public Part read(ChangeId from, Predicate<Key> matches) {
    return store.reading(
        database -> {
          List<Change> changes = new ArrayList<>();
          ChangeId next = from;
          int visited = 0;
          long bytes = 0;
          boolean last;
          try (RocksIterator log = database.walkChanges()) {
            for (log.seek(from.encode());
                log.isValid()
                    && visited < MAX_VISITED
                    && changes.size() < MAX_CHANGES
                    && bytes < Watch.PORTION_BYTES;
                log.next()) {
              ChangeId id = ChangeId.decode(log.key());
              if (visited == 0) {
                refuseGap(from, id);
              }
              visited++;
              next = id.next();
              StoredChange change = StoredChange.read(log.value());
              if (matches.test(change.key())) {
                changes.add(change.decode(id));
                bytes += change.size();
              }
            }
            log.status();
            last = !log.isValid();
          }
          if (visited == 0) {
            refuseGap(from, ChangeId.firstAfter(database.readState().compacted()));
          }
          // Transactions are written whole: at the end, nothing is missing of the last one.
          return new Part(
              changes, last && visited > 0 ? new ChangeId(next.revision() + 1, 0) : next, last);
        });
  }

  /** Revisions have no gaps: where one seems to be, the history was dropped meanwhile. */
  private static void refuseGap(ChangeId from, ChangeId found) {
    long expected = from.index() == 0 ? from.revision() : from.revision() + 1;
    if (found.revision() > expected) {
      throw new StoreFailure.Compacted(
          new Revision(from.revision()), new Revision(found.revision()));
    }
  }

  @Override
  public Change read(ChangeId id) {
    return store.reading(
        database -> {
          Optional<StoredChange> change = database.readChange(id);
          if (change.isEmpty()) {
            throw new StoreFailure.Compacted(
                new Revision(id.revision()), database.readState().compacted().next());
          }
          return change.get().decode(id);
        });
  }
}
