package io.cloudraft.kvs.service.engine.etcd;

import com.google.protobuf.ByteString;
import io.cloudraft.kvs.service.engine.StoreClock;
import io.cloudraft.kvs.service.engine.etcd.EtcdClient.Whom;
import io.cloudraft.kvs.service.store.Bytes;
import io.cloudraft.kvs.service.store.Compare;
import io.cloudraft.kvs.service.store.Entry;
import io.cloudraft.kvs.service.store.Freeze;
import io.cloudraft.kvs.service.store.Key;
import io.cloudraft.kvs.service.store.Metadata;
import io.cloudraft.kvs.service.store.Operation;
import io.cloudraft.kvs.service.store.Outcome;
import io.cloudraft.kvs.service.store.Outcome.Result;
import io.cloudraft.kvs.service.store.Revision;
import io.cloudraft.kvs.service.store.StoreFailure;
import io.cloudraft.kvs.service.store.Transaction;
import io.cloudraft.kvs.service.store.Value;
import io.etcd.jetcd.api.Compare.CompareResult;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.RangeResponse;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.ResponseOp;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Brings one transaction into etcd: reads the keys that it concerns, decides here what it does, and
 * writes that if none of these keys has changed meanwhile; if one has, once more.
 *
 * <p>A change of one key, by far the most common transaction, is tried at once, on the guess that
 * its conditions hold and that the key does not expire: one round trip instead of two. If the guess
 * is wrong, the same round trip has brought what to decide by, unless that takes the value: several
 * share a call, and its answer has to stay small.
 *
 * <p>Every write has the condition that the store is not frozen, so that none comes after that.
 */
final class Commit {
  /** Entry, reversed key and deadline, and the places of the deadline and of the former one. */
  static final int MAX_OPERATIONS_OF_PUT = 5;

  private final EtcdClient client;
  private final SharedWrites writes;
  private final KeySpace keys;
  private final Identity identity;
  private final StoreClock clock;
  private final Transaction transaction;
  private final int maxOperations;
  private final long deadline;

  Commit(
      EtcdClient client,
      SharedWrites writes,
      KeySpace keys,
      Identity identity,
      StoreClock clock,
      Transaction transaction,
      int maxOperations,
      long deadline) {
    this.client = client;
    this.writes = writes;
    this.keys = keys;
    this.identity = identity;
    this.clock = clock;
    this.transaction = transaction;
    this.maxOperations = maxOperations;
    this.deadline = deadline;
  }

  /** All keys that it looks at or changes. */
  static Set<Key> keysOf(Transaction transaction) {
    Set<Key> all = new LinkedHashSet<>();
    transaction.compares().forEach(compare -> all.add(compare.key()));
    transaction.then().forEach(operation -> all.add(operation.key()));
    transaction.otherwise().forEach(operation -> all.add(operation.key()));
    return all;
  }

  CompletableFuture<Outcome> run() {
    if (isTooLate()) {
      return busy("Writes of the same keys that came before took all of the time");
    }
    Set<Key> concerned = keysOf(transaction);
    if (concerned.size() == 1 && transaction.then().size() == 1) {
      Key key = concerned.iterator().next();
      List<io.etcd.jetcd.api.Compare> guess = guess(key);
      if (guess != null) {
        switch (transaction.then().getFirst()) {
          case Operation.Put put -> {
            return tryPut(put, guess);
          }
          case Operation.Delete delete -> {
            return tryDelete(delete.key(), guess);
          }
          case Operation.Get _ -> {
            // Nothing to be done at once.
          }
        }
      }
    }
    return readAndDecide();
  }

  /** That all comparisons hold and that the key does not expire; null where etcd cannot compare. */
  private @Nullable List<io.etcd.jetcd.api.Compare> guess(Key key) {
    ByteString entry = keys.entry(key);
    List<io.etcd.jetcd.api.Compare> guess = new ArrayList<>();
    guess.add(Requests.absent(keys.freeze()));
    guess.add(Requests.absent(keys.deadline(key)));
    for (Compare compare : transaction.compares()) {
      switch (compare) {
        case Compare.Exists(_, boolean expected) ->
            guess.add(expected ? Requests.present(entry) : Requests.absent(entry));
        case Compare.VersionIs(_, long version) -> {
          guess.add(Requests.present(entry));
          guess.add(Requests.version(entry, CompareResult.EQUAL, version));
        }
        case Compare.ModifiedAt(_, Set<Revision> revisions) when revisions.size() == 1 -> {
          guess.add(Requests.present(entry));
          guess.add(modified(entry, CompareResult.EQUAL, revisions.iterator().next()));
        }
        case Compare.NotModifiedAt(_, Set<Revision> revisions) ->
            revisions.forEach(
                revision -> guess.add(modified(entry, CompareResult.NOT_EQUAL, revision)));
        case Compare.ModifiedAt _, Compare.ValueIs _ -> {
          return null;
        }
      }
    }
    return guess;
  }

  private io.etcd.jetcd.api.Compare modified(
      ByteString entry, CompareResult result, Revision revision) {
    return Requests.modified(entry, result, identity.ofEtcd(revision));
  }

  private CompletableFuture<Outcome> tryPut(
      Operation.Put put, List<io.etcd.jetcd.api.Compare> guess) {
    ByteString entry = keys.entry(put.key());
    TxnRequest.Builder request = TxnRequest.newBuilder().addAllCompare(guess);
    request.addSuccess(Requests.put(entry, record(put).encode()));
    if (put.expires().isPresent()) {
      putDeadline(put.key(), expires(put).orElseThrow(), request);
    } else {
      ByteString reversed = keys.reversed(put.key());
      request.addSuccess(Requests.ifAbsent(reversed, Requests.put(reversed, ByteString.EMPTY)));
    }
    request
        .addSuccess(Requests.describe(entry))
        .addFailure(Requests.get(keys.freeze()))
        .addAllFailure(askForMetadata(put.key()).parts());
    return writes
        .write(request.build(), deadline)
        .thenCompose(
            response -> {
              if (!response.getSucceeded()) {
                return wrongGuess(put.key(), response);
              }
              KeyValue written =
                  response
                      .getResponses(response.getResponsesCount() - 1)
                      .getResponseRange()
                      .getKvs(0);
              Metadata metadata = identity.metadata(written, record(put));
              return done(response, List.of(new Result.Put(metadata)));
            });
  }

  private CompletableFuture<Outcome> tryDelete(Key key, List<io.etcd.jetcd.api.Compare> guess) {
    ByteString entry = keys.entry(key);
    TxnRequest request =
        TxnRequest.newBuilder()
            .addAllCompare(guess)
            .addSuccess(Requests.delete(entry))
            .addSuccess(Requests.delete(keys.reversed(key)))
            .addFailure(Requests.get(keys.freeze()))
            .addAllFailure(askForMetadata(key).parts())
            .build();
    return writes
        .write(request, deadline)
        .thenCompose(
            response -> {
              if (!response.getSucceeded()) {
                return wrongGuess(key, response);
              }
              long deleted = response.getResponses(0).getResponseDeleteRange().getDeleted();
              return done(response, List.of(new Result.Deleted(deleted > 0)));
            });
  }

  private CompletableFuture<Outcome> done(TxnResponse response, List<Result> results) {
    return CompletableFuture.completedFuture(
        new Outcome(OptionalInt.empty(), revision(response), results));
  }

  private Revision revision(TxnResponse response) {
    return identity.revision(response.getHeader().getRevision());
  }

  private void putDeadline(Key key, Instant deadline, TxnRequest.Builder request) {
    ByteString encoded = ByteString.copyFrom(KeySpace.encode(deadline));
    request.addSuccess(Requests.put(keys.reversed(key), encoded));
    request.addSuccess(Requests.put(keys.deadline(key), encoded));
    request.addSuccess(Requests.put(keys.expiry(deadline, key), ByteString.EMPTY));
  }

  private static StoredRecord record(Operation.Put put) {
    return new StoredRecord(put.value(), expires(put));
  }

  private static Optional<Instant> expires(Operation.Put put) {
    return put.expires().map(deadline -> deadline.truncatedTo(ChronoUnit.MILLIS));
  }

  /** What is under a key, expired or not. The value is left empty where nobody asks for it. */
  private record Found(Entry entry, long modified) {
    Optional<Instant> expires() {
      return entry.metadata().expires();
    }
  }

  /** What is under the keys that the transaction concerns. */
  private record Known(Map<Key, Optional<Found>> found, Revision revision) {
    Optional<Found> at(Key key) {
      return found.getOrDefault(key, Optional.empty());
    }
  }

  private CompletableFuture<Outcome> wrongGuess(Key key, TxnResponse response) {
    refuseIfFrozen(response);
    if (!valuesWanted().isEmpty()) {
      return readAndDecide();
    }
    List<ResponseOp> answers = response.getResponsesList();
    Optional<Found> found = askForMetadata(key).reading().apply(answers.subList(1, answers.size()));
    return decide(new Known(Map.of(key, found), revision(response)));
  }

  /** The first part of the answer to a write that was not done says whether that was why. */
  private static void refuseIfFrozen(TxnResponse response) {
    RangeResponse freeze = response.getResponses(0).getResponseRange();
    if (freeze.getKvsCount() > 0) {
      throw new StoreFailure.Frozen(freeze(freeze.getKvs(0)));
    }
  }

  static Freeze freeze(KeyValue kv) {
    return Freeze.decode(Bytes.wrap(kv.getValue().toByteArray()));
  }

  private Optional<Found> found(RangeResponse range) {
    return range.getKvsCount() == 0
        ? Optional.empty()
        : Optional.of(new Found(identity.entry(range.getKvs(0)), range.getKvs(0).getModRevision()));
  }

  private CompletableFuture<Outcome> readAndDecide() {
    if (isTooLate()) {
      return busy("Others changed the same keys again and again, until the time was over");
    }
    return read().thenCompose(this::decide);
  }

  private boolean isTooLate() {
    return System.nanoTime() - deadline > 0;
  }

  private static CompletableFuture<Outcome> busy(String why) {
    return CompletableFuture.failedFuture(
        new StoreFailure.Busy(why + " (KVS_ETCD_TIMEOUT). Nothing was done."));
  }

  /** A question for what is under one key, and what to make of the answers to it. */
  private record Question(
      List<RequestOp> parts, Function<List<ResponseOp>, Optional<Found>> reading) {}

  private CompletableFuture<Known> read() {
    Map<Key, Question> questions = new LinkedHashMap<>();
    Set<Key> valuesWanted = valuesWanted();
    for (Key key : keysOf(transaction)) {
      questions.put(key, valuesWanted.contains(key) ? askForAll(key) : askForMetadata(key));
    }
    return read(List.copyOf(questions.entrySet()), 0, 0, new HashMap<>());
  }

  private Set<Key> valuesWanted() {
    Set<Key> wanted = new LinkedHashSet<>();
    for (Compare compare : transaction.compares()) {
      if (compare instanceof Compare.ValueIs) {
        wanted.add(compare.key());
      }
    }
    for (List<Operation> operations : List.of(transaction.then(), transaction.otherwise())) {
      for (Operation operation : operations) {
        if (operation instanceof Operation.Get) {
          wanted.add(operation.key());
        }
      }
    }
    return wanted;
  }

  private Question askForAll(Key key) {
    return new Question(
        List.of(Requests.get(keys.entry(key))),
        answers -> found(answers.getFirst().getResponseRange()));
  }

  private Question askForMetadata(Key key) {
    return new Question(
        List.of(Requests.describe(keys.entry(key)), Requests.get(keys.deadline(key))),
        answers -> {
          RangeResponse entry = answers.getFirst().getResponseRange();
          if (entry.getKvsCount() == 0) {
            return Optional.empty();
          }
          RangeResponse deadline = answers.getLast().getResponseRange();
          Optional<Instant> expires =
              deadline.getKvsCount() == 0
                  ? Optional.empty()
                  : Optional.of(KeySpace.decode(deadline.getKvs(0).getValue()));
          KeyValue kv = entry.getKvs(0);
          Value unknown = new Value(Value.TEXT, Bytes.EMPTY);
          return Optional.of(
              new Found(
                  new Entry(unknown, identity.metadata(kv, new StoredRecord(unknown, expires))),
                  kv.getModRevision()));
        });
  }

  /** Asks as many questions at once as etcd takes, all of them at one revision. */
  private CompletableFuture<Known> read(
      List<Map.Entry<Key, Question>> questions,
      int from,
      long revision,
      Map<Key, Optional<Found>> found) {
    TxnRequest.Builder request = TxnRequest.newBuilder();
    int to = from;
    for (; to < questions.size(); to++) {
      List<RequestOp> parts = questions.get(to).getValue().parts();
      if (to > from && request.getSuccessCount() + parts.size() > maxOperations) {
        break;
      }
      for (RequestOp part : parts) {
        request.addSuccess(revision == 0 ? part : Requests.range(at(part, revision)));
      }
    }
    int end = to;
    return client
        .read(Whom.LEADER, request.build(), deadline)
        .thenCompose(
            response -> {
              int place = 0;
              for (Map.Entry<Key, Question> question : questions.subList(from, end)) {
                int parts = question.getValue().parts().size();
                found.put(
                    question.getKey(),
                    question
                        .getValue()
                        .reading()
                        .apply(response.getResponsesList().subList(place, place + parts)));
                place += parts;
              }
              long seen = revision == 0 ? response.getHeader().getRevision() : revision;
              return end == questions.size()
                  ? CompletableFuture.completedFuture(new Known(found, identity.revision(seen)))
                  : read(questions, end, seen, found);
            })
        .exceptionallyCompose(Commit::tellOfTooMuch);
  }

  private static io.etcd.jetcd.api.RangeRequest.Builder at(RequestOp part, long revision) {
    return part.getRequestRange().toBuilder().setRevision(revision);
  }

  private static <T> CompletableFuture<T> tellOfTooMuch(Throwable failure) {
    Throwable cause = failure.getCause() == null ? failure : failure.getCause();
    return CompletableFuture.failedFuture(
        cause instanceof EtcdRefusal refusal && refusal.kind() == EtcdRefusal.Kind.LARGE
            ? new StoreFailure.ReadsTooMuch(
                "The transaction would read more than %d bytes, and at most so many are read at once: read some of the keys by themselves."
                    .formatted(Member.MAX_ANSWER_BYTES))
            : cause);
  }

  private CompletableFuture<Outcome> decide(Known known) {
    Instant now = clock.now();
    OptionalInt failed = failedCompare(known, now);
    List<Operation> operations = failed.isEmpty() ? transaction.then() : transaction.otherwise();
    Optional<Key> expired =
        operations.stream()
            .filter(Operation.Put.class::isInstance)
            .map(Operation::key)
            .filter(key -> known.at(key).filter(f -> isExpired(f, now)).isPresent())
            .findFirst();
    if (expired.isPresent()) {
      // Its new life begins only when the former one has ended.
      Instant deadlineOfKey = known.at(expired.get()).orElseThrow().expires().orElseThrow();
      return writes
          .write(expire(keys, expired.get(), deadlineOfKey), deadline)
          .thenCompose(_ -> readAndDecide());
    }
    Plan plan = new Plan(known, now, operations);
    if (plan.changes == 0) {
      return CompletableFuture.completedFuture(
          new Outcome(failed, known.revision, plan.results(known.revision)));
    }
    return writes
        .write(plan.request.build(), deadline)
        .thenCompose(
            response -> {
              if (response.getSucceeded()) {
                return CompletableFuture.completedFuture(
                    new Outcome(failed, revision(response), plan.results(revision(response))));
              }
              refuseIfFrozen(response);
              return readAndDecide();
            });
  }

  /** Deletes a key that has expired, unless somebody has changed it since. */
  static TxnRequest expire(KeySpace keys, Key key, Instant deadline) {
    return TxnRequest.newBuilder()
        .addCompare(Requests.present(keys.expiry(deadline, key)))
        .addSuccess(Requests.delete(keys.entry(key)))
        .addSuccess(Requests.delete(keys.reversed(key)))
        .addSuccess(Requests.delete(keys.deadline(key)))
        .addSuccess(Requests.delete(keys.expiry(deadline, key)))
        .build();
  }

  private static boolean isExpired(Found found, Instant now) {
    return found.entry.metadata().isExpired(now);
  }

  private OptionalInt failedCompare(Known known, Instant now) {
    List<Compare> compares = transaction.compares();
    for (int i = 0; i < compares.size(); i++) {
      Compare compare = compares.get(i);
      if (!compare.holds(living(known, compare.key(), now))) {
        return OptionalInt.of(i);
      }
    }
    return OptionalInt.empty();
  }

  private static Optional<Entry> living(Known known, Key key, Instant now) {
    return known.at(key).filter(found -> !isExpired(found, now)).map(Found::entry);
  }

  /** What operations do to what is known, and how etcd is told. */
  private final class Plan {
    private final Known known;
    private final Instant now;
    private final List<Operation> operations;
    private final TxnRequest.Builder request = TxnRequest.newBuilder();
    private int changes;

    Plan(Known known, Instant now, List<Operation> operations) {
      this.known = known;
      this.now = now;
      this.operations = operations;
      request.addCompare(Requests.absent(keys.freeze()));
      request.addFailure(Requests.get(keys.freeze()));
      Set<Key> decisive = new LinkedHashSet<>();
      transaction.compares().forEach(compare -> decisive.add(compare.key()));
      operations.forEach(operation -> decisive.add(operation.key()));
      for (Key key : decisive) {
        long modified = known.at(key).map(Found::modified).orElse(0L);
        request.addCompare(Requests.modified(keys.entry(key), CompareResult.EQUAL, modified));
      }
      for (Operation operation : operations) {
        switch (operation) {
          case Operation.Get _ -> {
            // Known already.
          }
          case Operation.Put put -> put(put);
          case Operation.Delete delete -> delete(delete.key());
        }
      }
    }

    private void put(Operation.Put put) {
      changes++;
      Key key = put.key();
      Optional<Found> former = known.at(key);
      Optional<Instant> formerDeadline = former.flatMap(Found::expires);
      request.addSuccess(Requests.put(keys.entry(key), record(put).encode()));
      if (former.isPresent() && formerDeadline.equals(expires(put))) {
        return;
      }
      formerDeadline.ifPresent(
          deadline -> request.addSuccess(Requests.delete(keys.expiry(deadline, key))));
      if (put.expires().isPresent()) {
        putDeadline(key, expires(put).orElseThrow(), request);
      } else {
        request.addSuccess(Requests.put(keys.reversed(key), ByteString.EMPTY));
        if (formerDeadline.isPresent()) {
          request.addSuccess(Requests.delete(keys.deadline(key)));
        }
      }
    }

    private void delete(Key key) {
      if (living(known, key, now).isEmpty()) {
        return;
      }
      changes++;
      request.addSuccess(Requests.delete(keys.entry(key)));
      request.addSuccess(Requests.delete(keys.reversed(key)));
      known
          .at(key)
          .flatMap(Found::expires)
          .ifPresent(
              deadline -> {
                request.addSuccess(Requests.delete(keys.deadline(key)));
                request.addSuccess(Requests.delete(keys.expiry(deadline, key)));
              });
    }

    /** What each operation did, at this revision. */
    List<Result> results(Revision revision) {
      Map<Key, Optional<Entry>> changed = new HashMap<>();
      List<Result> results = new ArrayList<>(operations.size());
      for (Operation operation : operations) {
        Key key = operation.key();
        Optional<Entry> current = changed.getOrDefault(key, living(known, key, now));
        results.add(
            switch (operation) {
              case Operation.Get _ -> new Result.Got(current);
              case Operation.Put put -> {
                Metadata metadata =
                    new Metadata(
                        current.map(entry -> entry.metadata().created()).orElse(revision),
                        revision,
                        current.map(entry -> entry.metadata().version()).orElse(0L) + 1,
                        expires(put));
                changed.put(key, Optional.of(new Entry(put.value(), metadata)));
                yield new Result.Put(metadata);
              }
              case Operation.Delete _ -> {
                changed.put(key, Optional.empty());
                yield new Result.Deleted(current.isPresent());
              }
            });
      }
      return results;
    }
  }
}
