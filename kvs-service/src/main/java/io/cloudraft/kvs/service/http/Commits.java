package io.cloudraft.kvs.service.http;

import io.cloudraft.kvs.service.store.KeyValueStore;
import io.cloudraft.kvs.service.store.Outcome;
import io.cloudraft.kvs.service.store.Transaction;
import java.util.concurrent.CompletableFuture;

/** The writes of clients, of which only so many wait at the same time as leave room for reads. */
final class Commits {
  private final KeyValueStore store;
  private final Admission admission;

  Commits(KeyValueStore store, Admission admission) {
    this.store = store;
    this.admission = admission;
  }

  CompletableFuture<Outcome> commit(Transaction transaction) {
    admission.await(Admission.Wait.COMMIT);
    CompletableFuture<Outcome> outcome = store.commit(transaction);
    var _ = outcome.whenComplete((_, _) -> admission.stops(Admission.Wait.COMMIT));
    return outcome;
  }
}
