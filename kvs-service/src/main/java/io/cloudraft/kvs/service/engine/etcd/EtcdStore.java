package io.cloudraft.kvs.service.engine.etcd;

import com.google.protobuf.ByteString;
import io.cloudraft.kvs.service.engine.ChangeFeed;
import io.cloudraft.kvs.service.engine.ChangeWatch;
import io.cloudraft.kvs.service.engine.StoreClock;
import io.cloudraft.kvs.service.engine.etcd.EtcdClient.Whom;
import io.cloudraft.kvs.service.store.Bytes;
import io.cloudraft.kvs.service.store.Consistency;
import io.cloudraft.kvs.service.store.Count;
import io.cloudraft.kvs.service.store.Entry;
import io.cloudraft.kvs.service.store.Freeze;
import io.cloudraft.kvs.service.store.Key;
import io.cloudraft.kvs.service.store.KeyValueStore;
import io.cloudraft.kvs.service.store.Outcome;
import io.cloudraft.kvs.service.store.Page;
import io.cloudraft.kvs.service.store.Promises;
import io.cloudraft.kvs.service.store.Revision;
import io.cloudraft.kvs.service.store.Scan;
import io.cloudraft.kvs.service.store.Search;
import io.cloudraft.kvs.service.store.StoreCannotOpen;
import io.cloudraft.kvs.service.store.StoreFailure;
import io.cloudraft.kvs.service.store.Transaction;
import io.cloudraft.kvs.service.store.Watch;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeResponse;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A store in an etcd cluster, below a prefix of its own. Any number of processes may have it open
 * at the same time.
 */
public final class EtcdStore implements KeyValueStore {
  public static final Promises PROMISES =
      new Promises(
          "etcd",
          "What was acknowledged is synced to disk by a majority of the members of etcd, and survives the loss of any minority of them.",
          "linearizable");

  private static final Logger log = LoggerFactory.getLogger(EtcdStore.class);

  private static final int MAX_PENDING_WRITES = 8192;
  private static final int MAX_COMPACTIONS = 3;
  private static final Duration LOOK_FOR_FREEZE = Duration.ofSeconds(2);
  private static final Duration LOOK_FOR_QUOTA = Duration.ofMinutes(1);

  /** Where the status of etcd 3.6 and newer has it, which jetcd's messages do not know. */
  private static final int FIELD_OF_QUOTA = 12;

  private final EtcdSettings settings;
  private final KeySpace keys;
  private final EtcdClient client;
  private final StoreClock clock;
  private final SharedReads linearizable;
  private final SharedReads serializable;
  private final SharedWrites writes;
  private final KeyTurns turns = new KeyTurns();
  private final Semaphore room = new Semaphore(MAX_PENDING_WRITES);
  private final RecentCount recentCount;
  private final long historyBytes;

  private volatile @Nullable Opened opened;
  private volatile Optional<Freeze> lastFreeze = Optional.empty();
  private volatile OptionalLong quota = OptionalLong.empty();
  private volatile boolean closed;

  /** What can only be had once etcd has told who the store is. */
  private record Opened(Identity identity, EtcdHistory history, ChangeFeed feed) {}

  private EtcdStore(EtcdSettings settings, InstantSource clock, MeterRegistry registry) {
    this.settings = settings;
    this.keys = new KeySpace(settings.keyPrefix());
    EtcdMetrics metrics = new EtcdMetrics(registry);
    this.client = new EtcdClient(settings, keys, metrics);
    this.linearizable = sharedReads(Whom.LEADER, false);
    this.serializable = sharedReads(Whom.EACH_IN_TURN, true);
    this.writes =
        new SharedWrites(
            client::write, client::later, settings.maxOperations(), settings.maxRequestBytes());
    this.clock = new StoreClock(clock);
    this.recentCount = new RecentCount(this::count);
    this.historyBytes =
        Math.clamp(Runtime.getRuntime().maxMemory() / 16, 4L * 1024 * 1024, 64L * 1024 * 1024);
    metrics.members(client::members);
    metrics.pending(() -> MAX_PENDING_WRITES - room.availablePermits());
  }

  private SharedReads sharedReads(Whom whom, boolean serializable) {
    SharedReads.Etcd etcd =
        new SharedReads.Etcd() {
          @Override
          public CompletableFuture<RangeResponse> range(RangeRequest request) {
            return client.range(whom, request);
          }

          @Override
          public CompletableFuture<TxnResponse> read(TxnRequest request) {
            return client.read(whom, request, client.deadline());
          }
        };
    return new SharedReads(etcd, client::later, serializable, settings.maxOperations());
  }

  /**
   * Opens the store, or makes an empty one where none ever was. Where etcd cannot be reached, the
   * store is opened all the same, and is there when etcd is.
   *
   * @throws StoreCannotOpen if files of a Secret cannot be used, etcd does not take what is in them
   *     or gives no right to the data, or the data is of another format
   */
  public static EtcdStore open(EtcdSettings settings, MeterRegistry registry) {
    return open(settings, InstantSource.system(), registry);
  }

  static EtcdStore open(EtcdSettings settings, InstantSource clock, MeterRegistry registry) {
    EtcdStore store = new EtcdStore(settings, clock, registry);
    try {
      store.client.start();
      store.awaitOpened();
    } catch (Secrets.Unusable | StoreFailure.Denied e) {
      store.close();
      throw new StoreCannotOpen(String.valueOf(e.getMessage()), e);
    } catch (StoreFailure e) {
      log.warn("The store is opened as soon as etcd answers: {}", e.getMessage());
    } catch (RuntimeException e) {
      store.close();
      throw e;
    }
    new Housekeeper(store.client, store.keys, store.clock).start();
    store.client.every(Duration.ZERO, LOOK_FOR_FREEZE, store::lookForFreeze);
    store.client.every(Duration.ZERO, LOOK_FOR_QUOTA, store::lookForQuota);
    return store;
  }

  private Opened awaitOpened() {
    Opened known = opened;
    return known == null ? EtcdClient.await(whenOpened()) : known;
  }

  private CompletableFuture<Opened> whenOpened() {
    Opened known = opened;
    if (known != null) {
      return CompletableFuture.completedFuture(known);
    }
    // Whoever is first writes it, and all others read what that one wrote.
    TxnRequest request =
        TxnRequest.newBuilder()
            .addCompare(Requests.absent(keys.identity()))
            .addSuccess(Requests.put(keys.identity(), Identity.create(settings.firstRevision())))
            .addSuccess(Requests.get(keys.identity()))
            .addFailure(Requests.get(keys.identity()))
            .build();
    return client
        .read(Whom.LEADER, request, client.deadline())
        .thenApply(
            response ->
                open(
                    response
                        .getResponses(response.getResponsesCount() - 1)
                        .getResponseRange()
                        .getKvs(0)));
  }

  private synchronized Opened open(KeyValue written) {
    Opened known = opened;
    if (known != null) {
      return known;
    }
    refuseIfClosed();
    Identity identity = Identity.of(written);
    Feeding feeding = new Feeding();
    EtcdHistory history = new EtcdHistory(client, keys, identity, feeding::wake, historyBytes);
    ChangeFeed feed = new ChangeFeed(history, history::newest);
    feeding.feed = feed;
    feed.start();
    Opened made = new Opened(identity, history, feed);
    opened = made;
    return made;
  }

  /** Wakes a feed that is made after the one who wakes it. */
  private static final class Feeding {
    private volatile @Nullable ChangeFeed feed;

    void wake() {
      ChangeFeed made = feed;
      if (made != null) {
        made.wake();
      }
    }
  }

  private void refuseIfClosed() {
    if (closed) {
      throw new StoreFailure.Closed();
    }
  }

  @Override
  public Optional<Entry> get(Key key) {
    return get(key, Consistency.LINEARIZABLE);
  }

  @Override
  public Optional<Entry> get(Key key, Consistency consistency) {
    return EtcdClient.await(getAsync(key, consistency));
  }

  @Override
  public CompletableFuture<Optional<Entry>> getAsync(Key key, Consistency consistency) {
    SharedReads reads = consistency == Consistency.SERIALIZABLE ? serializable : linearizable;
    if (closed) {
      return CompletableFuture.failedFuture(new StoreFailure.Closed());
    }
    return whenOpened()
        .thenCompose(
            known ->
                reads
                    .get(keys.entry(key))
                    .thenApply(
                        answer ->
                            answer.getKvsList().stream()
                                .findFirst()
                                .map(known.identity()::entry)
                                .filter(entry -> !isExpired(entry))));
  }

  /** Most keys never expire: only the others need the time. */
  private boolean isExpired(Entry entry) {
    return entry.metadata().expires().isPresent() && entry.metadata().isExpired(clock.now());
  }

  @Override
  public CompletableFuture<Outcome> commit(Transaction transaction) {
    if (closed) {
      return CompletableFuture.failedFuture(new StoreFailure.Closed());
    }
    if (!room.tryAcquire()) {
      return CompletableFuture.failedFuture(
          new StoreFailure.Busy(
              "%d writes wait for etcd, and no more are accepted; try again in a moment."
                  .formatted(MAX_PENDING_WRITES)));
    }
    long deadline = client.deadline();
    return turns
        .take(
            Commit.keysOf(transaction),
            () ->
                whenOpened().thenCompose(known -> commit(known.identity(), transaction, deadline)))
        .whenComplete((_, _) -> room.release());
  }

  private CompletableFuture<Outcome> commit(
      Identity identity, Transaction transaction, long deadline) {
    return new Commit(
            client, writes, keys, identity, clock, transaction, settings.maxOperations(), deadline)
        .run();
  }

  @Override
  public Page search(Search search) {
    return search(search, Consistency.LINEARIZABLE);
  }

  @Override
  public Page search(Search search, Consistency consistency) {
    Identity identity = awaitOpened().identity();
    long since = search.since().map(identity::ofEtcd).orElse(0L);
    try {
      return beforeCompaction(() -> SearchWalk.find(moment(consistency), keys, search, since));
    } catch (EtcdRefusal refusal) {
      throw compacted(search.since().orElse(Revision.NONE).next());
    }
  }

  /** A read of several parts begins anew when its revision is compacted between two of them. */
  private <T> T beforeCompaction(Supplier<T> read) {
    for (int attempt = 1; ; attempt++) {
      refuseIfClosed();
      try {
        return read.get();
      } catch (EtcdRefusal refusal) {
        if (attempt == MAX_COMPACTIONS) {
          throw refusal;
        }
      }
    }
  }

  private StoreFailure.Compacted compacted(Revision asked) {
    return new StoreFailure.Compacted(asked, awaitOpened().history().oldest());
  }

  private Moment moment(Consistency consistency) {
    return new Moment(
        client,
        keys,
        awaitOpened().identity(),
        clock,
        consistency == Consistency.SERIALIZABLE,
        settings.maxOperations());
  }

  @Override
  public Count count(Bytes prefix, Bytes suffix) {
    try {
      return beforeCompaction(
          () -> {
            if (prefix.isEmpty() || suffix.isEmpty()) {
              return new Count(countRange(prefix, suffix), true);
            }
            return SearchWalk.count(moment(Consistency.LINEARIZABLE), keys, prefix, suffix);
          });
    } catch (EtcdRefusal refusal) {
      throw compacted(Revision.NONE);
    }
  }

  /**
   * etcd counts a range by itself; only what has expired and is not deleted yet must be left out.
   */
  private long countRange(Bytes prefix, Bytes suffix) {
    Moment moment = moment(Consistency.LINEARIZABLE);
    RangeRequest.Builder range =
        suffix.isEmpty() ? keys.entries().range(prefix) : keys.reversed().range(suffix.reversed());
    // The time of the moment is that of the answer: what expires until then is asked for too.
    RangeRequest.Builder expiry =
        RangeRequest.newBuilder()
            .setKey(keys.expiry().of(new byte[0]))
            .setRangeEnd(keys.expiryBehind(clock.now().plus(client.timeout())))
            .setKeysOnly(true);
    List<RangeResponse> answers = moment.ask(List.of(range.setCountOnly(true), expiry));
    return answers.getFirst().getCount()
        - moment.expired(answers.getLast()).stream()
            .filter(key -> key.matches(prefix, suffix))
            .count();
  }

  @Override
  public long count() {
    return count(Bytes.EMPTY, Bytes.EMPTY).keys();
  }

  @Override
  public OptionalLong recentCount() {
    return recentCount.get();
  }

  @Override
  public Scan scan(Bytes prefix, Bytes suffix) {
    refuseIfClosed();
    return new EtcdScan(
        moment(Consistency.LINEARIZABLE),
        keys,
        awaitOpened().identity(),
        prefix,
        suffix,
        () -> closed,
        this::compacted);
  }

  @Override
  public Watch watch(Bytes prefix, Bytes suffix) {
    return watchFrom(prefix, suffix, revision());
  }

  @Override
  public Watch watch(Bytes prefix, Bytes suffix, Revision after) {
    if (after.compareTo(revision()) < 0) {
      requireHistory(after.next());
    }
    return watchFrom(prefix, suffix, after);
  }

  private Watch watchFrom(Bytes prefix, Bytes suffix, Revision after) {
    Opened known = awaitOpened();
    known.history().follow(after);
    return new ChangeWatch(known.feed(), known.history(), prefix, suffix, after);
  }

  private void requireHistory(Revision from) {
    Revision first = awaitOpened().identity().first();
    if (from.compareTo(first) <= 0) {
      throw new StoreFailure.Compacted(from, first.next());
    }
    try {
      EtcdClient.await(
          client.range(
              RangeRequest.newBuilder()
                  .setKey(keys.identity())
                  .setKeysOnly(true)
                  .setRevision(awaitOpened().identity().ofEtcd(from))
                  .build()));
    } catch (EtcdRefusal refusal) {
      throw compacted(from);
    }
  }

  @Override
  public Revision revision() {
    refuseIfClosed();
    Identity identity = awaitOpened().identity();
    return identity.revision(EtcdClient.await(client.revision()));
  }

  @Override
  public Bytes secret() {
    refuseIfClosed();
    return awaitOpened().identity().secret();
  }

  @Override
  public Optional<StoreFailure> refusesWrites() {
    return closed
        ? Optional.of(new StoreFailure.Closed())
        : client.unavailability().or(() -> lastFreeze.map(StoreFailure.Frozen::new));
  }

  @Override
  public CompletableFuture<Boolean> freeze(Optional<Freeze> expected, Optional<Freeze> next) {
    ByteString key = keys.freeze();
    TxnRequest request =
        TxnRequest.newBuilder()
            .addCompare(
                expected
                    .map(freeze -> Requests.is(key, encode(freeze)))
                    .orElseGet(() -> Requests.absent(key)))
            .addSuccess(
                next.map(freeze -> Requests.put(key, encode(freeze)))
                    .orElseGet(() -> Requests.delete(key)))
            .build();
    return client
        .write(request, client.deadline())
        .thenApply(
            response -> {
              if (response.getSucceeded()) {
                lastFreeze = next;
              }
              return response.getSucceeded();
            });
  }

  private static ByteString encode(Freeze freeze) {
    return ByteString.copyFrom(freeze.encode().array());
  }

  @Override
  public Optional<Freeze> frozen() {
    refuseIfClosed();
    return EtcdClient.await(askForFreeze());
  }

  private CompletableFuture<Optional<Freeze>> askForFreeze() {
    return client
        .range(RangeRequest.newBuilder().setKey(keys.freeze()).build())
        .thenApply(
            response -> {
              lastFreeze = response.getKvsList().stream().findFirst().map(Commit::freeze);
              return lastFreeze;
            });
  }

  /** For those who ask what is refused: writes learn of it from etcd. */
  private void lookForFreeze() {
    if (client.unavailability().isEmpty()) {
      var _ = askForFreeze();
    }
  }

  private void lookForQuota() {
    var _ =
        client
            .status()
            .thenAccept(
                status ->
                    quota =
                        status.getUnknownFields().getField(FIELD_OF_QUOTA).getVarintList().stream()
                            .mapToLong(Long::longValue)
                            .filter(bytes -> bytes > 0)
                            .findFirst());
  }

  @Override
  public OptionalLong maxTotalBytes() {
    return quota;
  }

  @Override
  public int putsAtOnce() {
    return Math.max(1, settings.maxOperations() / Commit.MAX_OPERATIONS_OF_PUT);
  }

  @Override
  public void close() {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
    }
    awaitPendingWrites();
    Opened known = opened;
    if (known != null) {
      known.feed().close();
      known.history().close();
    }
    turns.close();
    client.close();
  }

  private void awaitPendingWrites() {
    Duration patience = client.timeout();
    try {
      if (!room.tryAcquire(MAX_PENDING_WRITES, patience.toNanos(), TimeUnit.NANOSECONDS)) {
        log.warn("Some writes were not answered by etcd within {}.", patience);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
