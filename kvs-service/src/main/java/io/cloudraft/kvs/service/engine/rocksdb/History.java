package io.cloudraft.kvs.service.engine.rocksdb;

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
final class History {
  /** A reader takes this much at a time. */
  private static final int MAX_VISITED = 10_000;

  private static final int MAX_CHANGES = 256;

  private final RocksDbStore store;

  History(RocksDbStore store) {
    this.store = store;
  }

  /** A change, as far as it takes to know who wants it. */
  record Headline(ChangeId id, Key key) {}

  /**
   * Some of the changes of whole transactions.
   *
   * @param upTo the last transaction that was read
   */
  record Headlines(List<Headline> changes, Revision upTo) {}

  /**
   * What comes next after a revision that is not the last one, in whole transactions.
   *
   * @throws StoreFailure.Compacted if that was dropped
   */
  Headlines headlines(Revision after) {
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

  /**
   * Some changes.
   *
   * @param next the place to go on from
   * @param last whether nothing follows yet
   */
  record Part(List<Change> changes, ChangeId next, boolean last) {}

  /**
   * The matching changes from one place on, as many as make a good portion.
   *
   * @throws StoreFailure.Compacted if changes are missing at that place
   */
  Part read(ChangeId from, Predicate<Key> matches) {
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

  /**
   * One change.
   *
   * @throws StoreFailure.Compacted if it was dropped
   */
  Change read(ChangeId id) {
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
