package io.cloudraft.kvs.service.http;

import io.cloudraft.kvs.service.codec.ImportLine;
import io.cloudraft.kvs.service.codec.RequestRefused;
import io.cloudraft.kvs.service.store.Bytes;
import io.cloudraft.kvs.service.store.Key;
import io.cloudraft.kvs.service.store.KeyValueStore;
import io.cloudraft.kvs.service.store.Operation;
import io.cloudraft.kvs.service.store.Outcome;
import io.cloudraft.kvs.service.store.Revision;
import io.cloudraft.kvs.service.store.Transaction;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * Puts the items of one import, many in one transaction and some transactions at the same time, and
 * knows how far it came.
 */
final class Importer {
  private static final int MAX_PUTS = 128;
  private static final int MAX_BYTES = 1024 * 1024;

  /** So many that the disk never waits for the next. */
  private static final int MAX_IN_FLIGHT = 4;

  private final KeyValueStore store;
  private final HeapShare heap;
  private final Bytes after;

  private final List<Operation> batch = new ArrayList<>();
  private final Set<Key> keysOfBatch = new HashSet<>();
  private long bytesOfBatch;
  private final Queue<Sent> inFlight = new ArrayDeque<>();

  private boolean begun;
  private boolean ended;
  private long imported;
  private long skipped;
  private long taken;
  private Optional<Key> lastKey = Optional.empty();
  private Revision revision = Revision.NONE;

  private record Sent(CompletableFuture<Outcome> outcome, int puts, Key lastKey) {}

  /**
   * @param after keys up to this one are skipped
   */
  Importer(KeyValueStore store, HeapShare heap, Bytes after) {
    this.store = store;
    this.heap = heap;
    this.after = after;
  }

  void take(ImportLine line) throws InterruptedException {
    if (ended) {
      throw RequestRefused.malformed("The line comes after the one that says \"end\".");
    }
    switch (line) {
      case ImportLine.Begin _ -> begin();
      case ImportLine.Item(Operation.Put put) -> take(put);
      case ImportLine.End(long items) -> end(items);
    }
    begun = true;
  }

  private void begin() {
    if (begun) {
      throw RequestRefused.malformed("The line says \"export\", which only the first one may.");
    }
  }

  private void end(long items) {
    if (items != taken) {
      throw RequestRefused.malformed(
          "The last line says that there are %d items, but %d came: the export or its transfer broke off, or lines were lost."
              .formatted(items, taken));
    }
    ended = true;
  }

  private void take(Operation.Put put) throws InterruptedException {
    taken++;
    if (put.key().bytes().compareTo(after) <= 0) {
      skipped++;
      return;
    }
    if (!keysOfBatch.add(put.key())) {
      send();
      keysOfBatch.add(put.key());
    }
    batch.add(put);
    bytesOfBatch += put.key().bytes().size() + put.value().bytes().size();
    if (batch.size() == Math.min(MAX_PUTS, store.putsAtOnce()) || bytesOfBatch >= MAX_BYTES) {
      send();
    }
  }

  private void send() throws InterruptedException {
    if (batch.isEmpty()) {
      return;
    }
    while (inFlight.size() >= MAX_IN_FLIGHT) {
      awaitFirst();
    }
    HeapShare.Part part = heap.await(bytesOfBatch);
    CompletableFuture<Outcome> outcome =
        store.commit(Transaction.of(batch.toArray(Operation[]::new)));
    var _ = outcome.whenComplete((_, _) -> part.close());
    inFlight.add(new Sent(outcome, batch.size(), batch.getLast().key()));
    batch.clear();
    keysOfBatch.clear();
    bytesOfBatch = 0;
  }

  private void awaitFirst() {
    Sent first = inFlight.element();
    revision = first.outcome.join().revision();
    inFlight.remove();
    imported += first.puts;
    lastKey = Optional.of(first.lastKey);
  }

  /** Puts what was taken, all of it, and waits until it is on disk. */
  void finish() throws InterruptedException {
    send();
    while (!inFlight.isEmpty()) {
      awaitFirst();
    }
  }

  /** How many are on disk. */
  long imported() {
    return imported;
  }

  long skipped() {
    return skipped;
  }

  /** The last key that is on disk, with all before it; nothing if none was put. */
  Optional<Key> lastKey() {
    return lastKey;
  }

  /** That of the last transaction; of the store if there was none. */
  Revision revision() {
    return lastKey.isPresent() ? revision : store.revision();
  }
}
