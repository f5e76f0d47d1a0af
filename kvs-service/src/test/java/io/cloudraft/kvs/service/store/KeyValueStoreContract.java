package io.cloudraft.kvs.service.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What every engine must do: its test class implements this and says how a store is opened. */
public interface KeyValueStoreContract {

  /** The one empty store of a test, closed when the test ends. */
  KeyValueStore store();

  Key KEY = Key.of("abc-1");

  @Test
  default void knowsNothingAtFirst() {
    assertThat(store().get(KEY)).isEmpty();
    assertThat(store().count()).isZero();
    assertThat(store().refusesWrites()).isEmpty();
    assertThat(search("", "", null, 10))
        .isEqualTo(new Page(Revision.NONE, List.of(), Optional.empty(), Optional.empty()));
  }

  @Test
  default void givesBackWhatWasPut() {
    Value value = new Value("image/png", Bytes.wrap(new byte[] {0, -1, 'x'}));

    Revision revision = store().put(KEY, value).join();

    assertThat(revision).isEqualTo(new Revision(1));
    assertThat(store().get(KEY)).contains(entry(value, revision, revision, 1));
  }

  @Test
  default void keepsAnEmptyValue() {
    store().put(KEY, Value.text("")).join();

    assertThat(store().get(KEY).orElseThrow().value()).isEqualTo(Value.text(""));
  }

  @Test
  default void remembersWhenAKeyWasCreatedAcrossOverwrites() {
    Revision created = store().put(KEY, Value.text("1")).join();
    store().put(Key.of("other"), Value.text("")).join();
    Revision modified = store().put(KEY, Value.text("2")).join();

    assertThat(store().get(KEY)).contains(entry(Value.text("2"), created, modified, 2));
    assertThat(store().count()).isEqualTo(2);
  }

  @Test
  default void forgetsADeletedKey() {
    store().put(KEY, Value.text("1")).join();

    assertThat(store().delete(KEY).join()).isTrue();

    assertThat(store().revision()).isEqualTo(new Revision(2));
    assertThat(store().get(KEY)).isEmpty();
    assertThat(store().count()).isZero();
    assertThat(search("abc", "", null, 10).keys()).isEmpty();
    assertThat(search("", "-1", null, 10).keys()).isEmpty();
  }

  @Test
  default void spendsNoRevisionOnDeletingWhatIsNotThere() {
    assertThat(store().delete(KEY).join()).isFalse();

    assertThat(store().put(KEY, Value.text("1")).join()).isEqualTo(new Revision(1));
  }

  @Test
  default void beginsANewLifeWhenADeletedKeyIsPutAgain() {
    store().put(KEY, Value.text("1")).join();
    store().put(KEY, Value.text("2")).join();
    store().delete(KEY).join();

    Revision again = store().put(KEY, Value.text("3")).join();

    assertThat(store().get(KEY)).contains(entry(Value.text("3"), again, again, 1));
    assertThat(store().count()).isEqualTo(1);
  }

  @Test
  default void countsAndNumbersRightWhenWritesToOneKeyAreNotAwaited() {
    List<CompletableFuture<Revision>> puts = new ArrayList<>();
    List<CompletableFuture<Boolean>> deletes = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      puts.add(store().put(KEY, Value.text("first")));
      puts.add(store().put(KEY, Value.text("second")));
      deletes.add(store().delete(KEY));
      deletes.add(store().delete(KEY));
    }
    Revision last = store().put(KEY, Value.text("last")).join();

    assertThat(puts.stream().map(CompletableFuture::join).distinct()).hasSize(1000);
    assertThat(deletes.stream().filter(CompletableFuture::join)).hasSize(500);
    assertThat(last).isEqualTo(new Revision(1501));
    assertThat(store().get(KEY)).contains(entry(Value.text("last"), last, last, 1));
    assertThat(store().count()).isEqualTo(1);
  }

  @Test
  default void ordersKeysByUnsignedBytes() {
    Key low = new Key(Bytes.wrap(new byte[] {0}));
    Key middle = new Key(Bytes.wrap(new byte[] {0x7f}));
    Key high = new Key(Bytes.wrap(new byte[] {(byte) 0x80}));
    Key highest = new Key(Bytes.wrap(new byte[] {(byte) 0xff, (byte) 0xff}));
    Stream.of(highest, middle, high, low).forEach(key -> store().put(key, Value.text("")).join());

    Page page = store().search(Search.keys(Bytes.EMPTY, Bytes.EMPTY, Optional.empty(), 10));

    assertThat(page.keys()).containsExactly(low, middle, high, highest);
    assertThat(
            store()
                .search(
                    Search.keys(
                        Bytes.wrap(new byte[] {(byte) 0xff}), Bytes.EMPTY, Optional.empty(), 10))
                .keys())
        .containsExactly(highest);
  }

  @Test
  default void findsByPrefixAndSuffix() {
    List.of("abc-1", "abc-2", "xyz-1", "xyz-2")
        .forEach(key -> store().put(Key.of(key), Value.text("")).join());

    assertThat(search("abc", "", null, 10).keys()).hasToString("[abc-1, abc-2]");
    assertThat(search("", "-1", null, 10).keys()).hasToString("[abc-1, xyz-1]");
    assertThat(search("abc", "-2", null, 10).keys()).hasToString("[abc-2]");
    assertThat(search("abc-1", "abc-1", null, 10).keys()).hasToString("[abc-1]");
    assertThat(search("abc", "abc", null, 10).keys()).isEmpty();
  }

  /**
   * Every prefix, suffix, start and limit over all words of up to four letters from an alphabet.
   */
  @Test
  default void findsEveryPageOfEverySearch() {
    List<String> words = words(List.of("a", "b"), 4);
    List<Key> keys = words.stream().map(Key::of).sorted().toList();
    CompletableFuture.allOf(
            keys.stream()
                .map(key -> store().put(key, Value.text("")))
                .toArray(CompletableFuture[]::new))
        .join();
    List<String> affixes =
        Stream.concat(Stream.of(""), words(List.of("a", "b"), 2).stream()).toList();
    for (String prefix : affixes) {
      for (String suffix : affixes) {
        for (String after : List.of("", "a", "ab", "abab", "b", "bbbb", "c")) {
          for (int limit : new int[] {1, 2, 3, 7, 100}) {
            Search search =
                Search.keys(
                    Bytes.utf8(prefix),
                    Bytes.utf8(suffix),
                    after.isEmpty() ? Optional.empty() : Optional.of(Key.of(after)),
                    limit);
            List<Key> matching = keys.stream().filter(search::matches).toList();
            List<Key> page = matching.subList(0, Math.min(limit, matching.size()));
            Page found = store().search(search);
            assertThat(found.keys()).as("%s", search).isEqualTo(page);
            assertThat(found.resumeAfter())
                .as("%s", search)
                .isEqualTo(
                    matching.size() > limit ? Optional.of(page.getLast()) : Optional.empty());
          }
        }
      }
    }
  }

  /** Writes of different keys that come at the same time may have one revision. */
  @Test
  default void numbersTheChangesOfManyWritersWithoutGaps() throws Exception {
    int writers = 8;
    int writes = 500;
    Map<Long, Set<Key>> changes = new ConcurrentSkipListMap<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(writers)) {
      List<Future<?>> running = new ArrayList<>();
      for (int w = 0; w < writers; w++) {
        int writer = w;
        running.add(
            threads.submit(
                () -> {
                  long former = 0;
                  for (int i = 0; i < writes; i++) {
                    Key key = Key.of("key-" + (i % 2 == 0 ? i : writer + "-" + i));
                    long revision = store().put(key, Value.text("" + writer)).join().number();
                    assertThat(revision).isGreaterThan(former);
                    assertThat(store().get(key).orElseThrow().metadata().modified().number())
                        .as("what is acknowledged can be read")
                        .isGreaterThanOrEqualTo(revision);
                    assertThat(
                            changes
                                .computeIfAbsent(revision, _ -> ConcurrentHashMap.newKeySet())
                                .add(key))
                        .as("a key changes once at a revision")
                        .isTrue();
                    former = revision;
                  }
                }));
      }
      for (Future<?> future : running) {
        future.get();
      }
    }

    assertThat(changes.keySet())
        .containsExactlyElementsOf(
            LongStream.rangeClosed(1, store().revision().number()).boxed().toList());
    assertThat(changes.values().stream().mapToInt(Set::size).sum()).isEqualTo(writers * writes);
    assertThat(store().count()).isEqualTo(writes / 2 + (long) writers * writes / 2);
  }

  /** None has an effect on what becomes of the others. */
  @Test
  default void givesEachOfManyWritesAtOnceItsOwnOutcome() {
    int writes = 200;
    for (int i = 0; i < writes; i += 2) {
      store().put(Key.of("key-" + i), Value.text("1")).join();
    }
    Instant deadline = Instant.now().plus(1, ChronoUnit.HOURS).truncatedTo(ChronoUnit.MILLIS);
    List<CompletableFuture<Outcome>> all = new ArrayList<>();
    for (int i = 0; i < writes; i++) {
      Key key = Key.of("key-" + i);
      List<Compare> exists = List.of(new Compare.Exists(key, true));
      all.add(
          store()
              .commit(
                  switch (i % 8) {
                    case 0, 1 -> Transaction.of(new Operation.Delete(key));
                    case 2, 3 -> Transaction.of(new Operation.Put(key, Value.text("2")));
                    case 4, 5 ->
                        new Transaction(
                            exists,
                            List.of(new Operation.Put(key, Value.text("2"))),
                            List.of(new Operation.Get(key)));
                    default ->
                        Transaction.of(
                            new Operation.Put(key, Value.text("2"), Optional.of(deadline)));
                  }));
    }

    for (int i = 0; i < writes; i++) {
      boolean wasThere = i % 2 == 0;
      Outcome outcome = all.get(i).join();
      assertThat(outcome.failedCompare().isPresent()).as("%d", i).isEqualTo(i % 8 == 5);
      Optional<Entry> entry = store().get(Key.of("key-" + i));
      switch (outcome.results().getFirst()) {
        case Outcome.Result.Deleted(boolean deleted) -> {
          assertThat(deleted).as("%d", i).isEqualTo(wasThere);
          assertThat(entry).as("%d", i).isEmpty();
        }
        case Outcome.Result.Put(Metadata metadata) -> {
          assertThat(metadata.version()).as("%d", i).isEqualTo(wasThere ? 2 : 1);
          assertThat(metadata.modified()).as("%d", i).isEqualTo(outcome.revision());
          assertThat(entry.orElseThrow().metadata()).as("%d", i).isEqualTo(metadata);
        }
        case Outcome.Result.Got(Optional<Entry> got) -> assertThat(got).as("%d", i).isEmpty();
      }
    }
    assertThat(store().count()).isEqualTo(writes * 5 / 8);
  }

  @Test
  default void commitsAllOperationsOfATransactionAtOneRevision() {
    store().put(Key.of("gone"), Value.text("")).join();

    Outcome outcome =
        store()
            .commit(
                Transaction.of(
                    new Operation.Put(KEY, Value.text("1")),
                    new Operation.Get(KEY),
                    new Operation.Delete(Key.of("gone")),
                    new Operation.Delete(Key.of("never")),
                    new Operation.Get(Key.of("gone"))))
            .join();

    Revision revision = new Revision(2);
    Entry put = entry(Value.text("1"), revision, revision, 1);
    assertThat(outcome)
        .isEqualTo(
            new Outcome(
                OptionalInt.empty(),
                revision,
                List.of(
                    new Outcome.Result.Put(put.metadata()),
                    new Outcome.Result.Got(Optional.of(put)),
                    new Outcome.Result.Deleted(true),
                    new Outcome.Result.Deleted(false),
                    new Outcome.Result.Got(Optional.empty()))));
    assertThat(store().revision()).isEqualTo(revision);
    assertThat(store().count()).isEqualTo(1);
  }

  @Test
  default void spendsNoRevisionOnATransactionThatChangesNothing() {
    store().put(KEY, Value.text("1")).join();

    Outcome outcome =
        store()
            .commit(Transaction.of(new Operation.Get(KEY), new Operation.Delete(Key.of("never"))))
            .join();

    assertThat(outcome.revision()).isEqualTo(new Revision(1));
    assertThat(store().put(KEY, Value.text("2")).join()).isEqualTo(new Revision(2));
  }

  @Test
  default void comparesBeforeItChangesAnything() {
    Revision revision = store().put(KEY, Value.text("1")).join();
    Key none = Key.of("none");
    Set<Revision> now = Set.of(revision, new Revision(77));
    Set<Revision> never = Set.of(new Revision(77));
    List<Compare> holding =
        List.of(
            new Compare.Exists(KEY, true),
            new Compare.Exists(none, false),
            new Compare.ModifiedAt(KEY, now),
            new Compare.NotModifiedAt(KEY, never),
            new Compare.NotModifiedAt(none, never),
            new Compare.VersionIs(KEY, 1),
            new Compare.ValueIs(KEY, Bytes.utf8("1")));
    List<Compare> failing =
        List.of(
            new Compare.Exists(KEY, false),
            new Compare.Exists(none, true),
            new Compare.ModifiedAt(KEY, never),
            new Compare.ModifiedAt(none, now),
            new Compare.NotModifiedAt(KEY, now),
            new Compare.VersionIs(KEY, 2),
            new Compare.VersionIs(none, 0),
            new Compare.ValueIs(KEY, Bytes.utf8("2")),
            new Compare.ValueIs(none, Bytes.EMPTY));

    assertThat(commitIf(holding).succeeded()).isTrue();
    for (Compare compare : failing) {
      List<Compare> compares = new ArrayList<>(holding);
      compares.add(3, compare);
      compares.add(compare);
      Outcome outcome = commitIf(compares);
      assertThat(outcome.failedCompare()).as("%s", compare).hasValue(3);
      assertThat(outcome.results()).containsExactly(new Outcome.Result.Deleted(true));
      store().put(Key.of("marker"), Value.text("")).join();
    }
  }

  /** Puts a marker if all is as expected, otherwise removes it. */
  private Outcome commitIf(List<Compare> compares) {
    Key marker = Key.of("marker");
    return store()
        .commit(
            new Transaction(
                compares,
                List.of(new Operation.Put(marker, Value.text(""))),
                List.of(new Operation.Delete(marker))))
        .join();
  }

  @Test
  default void losesNoIncrementOfManyThatCompareAndSet() throws Exception {
    int writers = 8;
    int increments = 50;
    store().put(KEY, Value.text("0")).join();
    try (ExecutorService threads = Executors.newFixedThreadPool(writers)) {
      List<Future<?>> running = new ArrayList<>();
      for (int w = 0; w < writers; w++) {
        running.add(
            threads.submit(
                () -> {
                  for (int done = 0; done < increments; ) {
                    Entry seen = store().get(KEY).orElseThrow();
                    int next = Integer.parseInt(seen.value().bytes().toString()) + 1;
                    Outcome outcome =
                        store()
                            .commit(
                                new Transaction(
                                    List.of(
                                        new Compare.ModifiedAt(
                                            KEY, Set.of(seen.metadata().modified()))),
                                    List.of(new Operation.Put(KEY, Value.text("" + next))),
                                    List.of()))
                            .join();
                    done += outcome.succeeded() ? 1 : 0;
                  }
                }));
      }
      for (Future<?> future : running) {
        future.get();
      }
    }

    assertThat(store().get(KEY).orElseThrow().value())
        .isEqualTo(Value.text("" + writers * increments));
  }

  @Test
  default void showsATransactionWholeOrNotAtAll() throws Exception {
    Key other = Key.of("abc-2");
    try (ExecutorService threads = Executors.newSingleThreadExecutor()) {
      Future<?> writer =
          threads.submit(
              () -> {
                for (int i = 0; i < 1000; i++) {
                  Value value = Value.text("" + i);
                  store()
                      .commit(
                          Transaction.of(
                              new Operation.Put(KEY, value), new Operation.Put(other, value)))
                      .join();
                }
              });
      Search both =
          new Search(
              Bytes.utf8("abc"),
              Bytes.EMPTY,
              Optional.empty(),
              Search.Order.ASCENDING,
              10,
              true,
              Long.MAX_VALUE,
              Optional.empty(),
              false);
      while (!writer.isDone()) {
        List<Page.Item> items = store().search(both).items();
        assertThat(items.stream().map(item -> item.entry().orElseThrow().value()).distinct())
            .hasSizeLessThanOrEqualTo(1);
        assertThat(items.size()).isIn(0, 2);
      }
      writer.get();
    }
  }

  @Test
  default void forgetsAKeyAtItsDeadlineWhoeverAsks() throws Exception {
    Instant deadline = Instant.now().plusMillis(700).truncatedTo(ChronoUnit.MILLIS);
    Key lasting = Key.of("abc-2");
    store().commit(putUntil(KEY, "1", deadline)).join();
    store().put(lasting, Value.text("")).join();
    assertThat(store().get(KEY).orElseThrow().metadata().expires()).contains(deadline);
    assertThat(search("abc", "", null, 10).keys()).containsExactly(KEY, lasting);

    Thread.sleep(Duration.between(Instant.now(), deadline).toMillis() + 1);

    assertThat(store().get(KEY)).isEmpty();
    assertThat(search("abc", "", null, 10).keys()).containsExactly(lasting);
    assertThat(search("", "-1", null, 10).keys()).isEmpty();
    assertThat(store().count()).isEqualTo(1);
    assertThat(store().count(Bytes.utf8("abc"), Bytes.EMPTY)).isEqualTo(new Count(1, true));
    try (Scan scan = store().scan(Bytes.EMPTY, Bytes.EMPTY)) {
      assertThat(scan.next().orElseThrow().key()).isEqualTo(lasting);
    }
    assertThat(store().delete(KEY).join()).isFalse();
    Outcome again =
        store()
            .commit(
                new Transaction(
                    List.of(new Compare.Exists(KEY, false)),
                    List.of(new Operation.Put(KEY, Value.text("2"))),
                    List.of()))
            .join();
    assertThat(again.succeeded()).isTrue();
    assertThat(store().get(KEY).orElseThrow().metadata().version()).isEqualTo(1);
    assertThat(store().count()).isEqualTo(2);
  }

  @Test
  default void keepsAKeyWhoseDeadlineIsTakenAway() throws Exception {
    Instant deadline = Instant.now().plusMillis(300);
    store().commit(putUntil(KEY, "1", deadline)).join();
    store().put(KEY, Value.text("2")).join();

    Thread.sleep(1500);

    assertThat(store().get(KEY).orElseThrow().metadata().version()).isEqualTo(2);
    assertThat(search("", "-1", null, 10).keys()).containsExactly(KEY);
    assertThat(store().count()).isEqualTo(1);
  }

  private static Transaction putUntil(Key key, String value, Instant deadline) {
    return Transaction.of(new Operation.Put(key, Value.text(value), Optional.of(deadline)));
  }

  @Test
  default void findsEveryPageBackwardsToo() {
    List<Key> keys = words(List.of("a", "b"), 4).stream().map(Key::of).sorted().toList();
    keys.forEach(key -> store().put(key, Value.text("v" + key)).join());
    for (String prefix : List.of("", "a", "ab", "b", "c")) {
      for (String suffix : List.of("", "b", "ba", "c")) {
        for (String after : List.of("", "a", "abab", "b", "c")) {
          for (int limit : new int[] {1, 3, 100}) {
            for (long bytes : new long[] {1, 12, Long.MAX_VALUE}) {
              Search search =
                  new Search(
                      Bytes.utf8(prefix),
                      Bytes.utf8(suffix),
                      after.isEmpty() ? Optional.empty() : Optional.of(Key.of(after)),
                      Search.Order.DESCENDING,
                      limit,
                      true,
                      bytes,
                      Optional.empty(),
                      false);
              List<Key> matching = keys.reversed().stream().filter(search::matches).toList();
              Page page = store().search(search);
              assertThat(page.keys())
                  .as("%s", search)
                  .isEqualTo(matching.subList(0, page.items().size()));
              assertThat(page.resumeAfter())
                  .as("%s", search)
                  .isEqualTo(
                      matching.size() > page.items().size()
                          ? Optional.of(page.keys().getLast())
                          : Optional.empty());
              assertEndsWhereItReachesItsBytes(page, limit, bytes);
              for (Page.Item item : page.items()) {
                assertThat(item.entry().orElseThrow().value())
                    .isEqualTo(Value.text("v" + item.key()));
              }
            }
          }
        }
      }
    }
  }

  private static void assertEndsWhereItReachesItsBytes(Page page, int limit, long bytes) {
    long before = 0;
    for (Page.Item item : page.items()) {
      assertThat(before).isLessThan(bytes);
      before += item.key().bytes().size() * 2L + 1;
    }
    if (page.resumeAfter().isPresent() && page.items().size() < limit) {
      assertThat(before).isGreaterThanOrEqualTo(bytes);
    }
  }

  @Test
  default void countsWhatMatches() {
    List.of("abc-1", "abc-2", "xyz-1", "xyz-2")
        .forEach(key -> store().put(Key.of(key), Value.text("")).join());

    assertThat(store().count(Bytes.EMPTY, Bytes.EMPTY)).isEqualTo(new Count(4, true));
    assertThat(store().count(Bytes.utf8("abc"), Bytes.EMPTY)).isEqualTo(new Count(2, true));
    assertThat(store().count(Bytes.EMPTY, Bytes.utf8("-2"))).isEqualTo(new Count(2, true));
    assertThat(store().count(Bytes.utf8("x"), Bytes.utf8("-2"))).isEqualTo(new Count(1, true));
    assertThat(store().count(Bytes.utf8("y"), Bytes.utf8("-2"))).isEqualTo(new Count(0, true));
  }

  @Test
  default void scansWhatWasThereWhenTheScanBegan() {
    List.of("abc-1", "abc-2", "xyz-1")
        .forEach(key -> store().put(Key.of(key), Value.text("old")).join());
    try (Scan scan = store().scan(Bytes.utf8("abc"), Bytes.EMPTY)) {
      store().put(Key.of("abc-0"), Value.text("new")).join();
      store().put(Key.of("abc-1"), Value.text("new")).join();
      store().delete(Key.of("abc-2")).join();

      assertThat(scan.revision()).isEqualTo(new Revision(3));
      for (String key : List.of("abc-1", "abc-2")) {
        Page.Item item = scan.next().orElseThrow();
        assertThat(item.key()).isEqualTo(Key.of(key));
        assertThat(item.entry().orElseThrow().value()).isEqualTo(Value.text("old"));
      }
      assertThat(scan.next()).isEmpty();
    }
  }

  @Test
  default void tellsOfEachChangeOnceAndInOrder() throws Exception {
    store().put(Key.of("abc-0"), Value.text("before")).join();
    try (Watch watch = store().watch(Bytes.utf8("abc"), Bytes.EMPTY)) {
      assertThat(watch.next(Duration.ZERO)).isEmpty();
      store().put(KEY, Value.text("1")).join();
      store().put(Key.of("other"), Value.text("")).join();
      store()
          .commit(
              Transaction.of(
                  new Operation.Put(Key.of("abc-2"), Value.text("2")),
                  new Operation.Delete(Key.of("other")),
                  new Operation.Delete(KEY)))
          .join();

      assertThat(next(watch, 3))
          .containsExactly(
              new Change(
                  new Revision(2),
                  KEY,
                  Optional.of(entry(Value.text("1"), new Revision(2), new Revision(2), 1))),
              new Change(
                  new Revision(4),
                  Key.of("abc-2"),
                  Optional.of(entry(Value.text("2"), new Revision(4), new Revision(4), 1))),
              new Change(new Revision(4), KEY, Optional.empty()));
      assertThat(watch.next(Duration.ofMillis(50))).isEmpty();
      Awaitility.await().until(() -> watch.seen().equals(new Revision(4)));
    }
  }

  @Test
  default void tellsOfThePastFromAnyRevisionOn() throws Exception {
    for (int i = 1; i <= 700; i++) {
      store().put(Key.of("abc-" + i % 3), Value.text("" + i)).join();
    }
    for (int after : new int[] {0, 1, 300, 699, 700}) {
      try (Watch watch = store().watch(Bytes.EMPTY, Bytes.utf8("-1"), new Revision(after))) {
        List<Long> expected =
            LongStream.rangeClosed(after + 1, 700).filter(i -> i % 3 == 1).boxed().toList();
        assertThat(next(watch, expected.size()).stream().map(c -> c.revision().number()))
            .as("after %d", after)
            .isEqualTo(expected);
        assertThat(watch.next(Duration.ZERO)).isEmpty();
      }
    }
  }

  @Test
  default void tellsOfALargeTransactionWhole() throws Exception {
    List<Operation> puts = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      puts.add(new Operation.Put(Key.of("k" + i), Value.text("")));
    }
    try (Watch live = store().watch(Bytes.EMPTY, Bytes.EMPTY)) {
      assertThat(live.next(Duration.ZERO)).isEmpty();
      store().commit(new Transaction(List.of(), puts, List.of())).join();

      List<Key> keys = puts.stream().map(Operation::key).toList();
      assertThat(next(live, 1000).stream().map(Change::key)).isEqualTo(keys);
      try (Watch late = store().watch(Bytes.EMPTY, Bytes.EMPTY, Revision.NONE)) {
        assertThat(next(late, 1000).stream().map(Change::key)).isEqualTo(keys);
      }
    }
  }

  /** A change of a key, at a revision that others may have as well. */
  record Told(Revision revision, Key key) {}

  /** Writers never wait, watches begin at any time, and some are slow: none misses anything. */
  @Test
  default void tellsEveryWatchOfAllChangesWhileManyWrite() throws Exception {
    int changes = 4000;
    try (ExecutorService threads = Executors.newCachedThreadPool()) {
      List<Future<List<Told>>> watchers = new ArrayList<>();
      for (int w = 0; w < 6; w++) {
        int watcher = w;
        watchers.add(
            threads.submit(
                () -> {
                  Thread.sleep(10L * watcher);
                  List<Told> seen = new ArrayList<>();
                  try (Watch watch = store().watch(Bytes.utf8("k"), Bytes.EMPTY, Revision.NONE)) {
                    while (seen.size() < changes) {
                      watch
                          .next(Duration.ofSeconds(20))
                          .forEach(change -> seen.add(new Told(change.revision(), change.key())));
                      if (watcher % 2 == 0) {
                        Thread.sleep(5);
                      }
                    }
                  }
                  return seen;
                }));
      }
      List<CompletableFuture<Told>> puts = new ArrayList<>();
      for (int i = 0; i < changes; i++) {
        Key key = Key.of("k" + i % 50);
        puts.add(
            store().put(key, Value.text("" + i)).thenApply(revision -> new Told(revision, key)));
      }
      List<Told> acknowledged = puts.stream().map(CompletableFuture::join).toList();
      List<Told> first = watchers.getFirst().get();
      assertThat(first)
          .containsExactlyInAnyOrderElementsOf(acknowledged)
          .isSortedAccordingTo(Comparator.comparing(Told::revision));
      for (Future<List<Told>> watcher : watchers) {
        assertThat(watcher.get()).isEqualTo(first);
      }
    }
  }

  /** Who resumes after what was seen misses nothing: what was not handed out is not seen. */
  @Test
  default void hasNotSeenWhatItDidNotHandOut() throws Exception {
    Value large = new Value("x/y", Bytes.wrap(new byte[Watch.PORTION_BYTES / 2]));
    try (Watch watch = store().watch(Bytes.EMPTY, Bytes.EMPTY)) {
      assertThat(watch.next(Duration.ZERO)).isEmpty();
      for (int i = 0; i < 5; i++) {
        store().put(KEY, large).join();
      }
      Thread.sleep(200);
      long handedOut = 0;
      while (handedOut < 5) {
        List<Change> changes = watch.next(Duration.ofSeconds(20));
        assertThat(changes.getFirst().revision().number()).isEqualTo(handedOut + 1);
        handedOut = changes.getLast().revision().number();
        assertThat(watch.seen().number()).isLessThanOrEqualTo(handedOut);
      }
    }
  }

  @Test
  default void waitsForChangesWithoutHoldingAny() throws Exception {
    try (Watch watch = store().watch(KEY.bytes(), Bytes.EMPTY, Revision.NONE);
        ExecutorService thread = Executors.newSingleThreadExecutor()) {
      while (watch.await(Duration.ofMillis(20))) {
        assertThat(watch.next(Duration.ZERO)).isEmpty();
      }
      Future<Boolean> waiting = thread.submit(() -> watch.await(Duration.ofMinutes(5)));
      store().put(KEY, Value.text("1")).join();

      assertThat(waiting.get()).isTrue();
      assertThat(watch.await(Duration.ZERO)).as("it is there until it is taken").isTrue();
      assertThat(watch.next(Duration.ZERO)).hasSize(1);
      assertThat(watch.await(Duration.ZERO)).isFalse();
    }
  }

  private static List<Change> next(Watch watch, int count) throws InterruptedException {
    List<Change> changes = new ArrayList<>();
    while (changes.size() < count) {
      List<Change> some = watch.next(Duration.ofSeconds(20));
      assertThat(some).as("%d of %d changes came", changes.size(), count).isNotEmpty();
      changes.addAll(some);
    }
    return changes;
  }

  Freeze FREEZE = new Freeze("one", "http://other:8000", false);

  @Test
  default void takesNoWritesWhileItIsFrozenAndIsReadAsBefore() {
    store().put(KEY, Value.text("1")).join();
    assertThat(store().frozen()).isEmpty();

    assertThat(store().freeze(Optional.empty(), Optional.of(FREEZE)).join()).isTrue();

    Revision frozen = store().revision();
    Key other = Key.of("other");
    for (Transaction write :
        List.of(
            Transaction.of(new Operation.Put(KEY, Value.text("2"))),
            Transaction.of(
                new Operation.Put(KEY, Value.text("2"), Optional.of(Instant.now().plusSeconds(9)))),
            Transaction.of(new Operation.Delete(KEY)),
            Transaction.of(
                new Operation.Put(KEY, Value.text("2")), new Operation.Put(other, Value.text(""))),
            Transaction.of(new Operation.Delete(KEY), new Operation.Delete(other)),
            new Transaction(
                List.of(new Compare.ValueIs(KEY, Value.text("1").bytes())),
                List.of(new Operation.Put(other, Value.text("2"))),
                List.of()))) {
      assertThat(store().commit(write))
          .as("%s", write)
          .failsWithin(Duration.ofSeconds(10))
          .withThrowableOfType(ExecutionException.class)
          .withCauseInstanceOf(StoreFailure.Frozen.class)
          .withMessageContaining("is being moved to http://other:8000");
    }
    assertThat(store().frozen()).contains(FREEZE);
    assertThat(store().refusesWrites()).containsInstanceOf(StoreFailure.Frozen.class);
    assertThat(store().revision()).isEqualTo(frozen);
    assertThat(store().get(KEY).orElseThrow().value()).isEqualTo(Value.text("1"));
    assertThat(store().commit(Transaction.of(new Operation.Get(KEY))).join().results()).hasSize(1);
    assertThat(store().count()).isEqualTo(1);
  }

  @Test
  default void changesAFreezeOnlyIfItIsAsExpected() {
    Optional<Freeze> other = Optional.of(new Freeze("two", FREEZE.target(), false));
    store().freeze(Optional.empty(), Optional.of(FREEZE)).join();

    assertThat(store().freeze(Optional.empty(), other).join()).isFalse();
    assertThat(store().freeze(other, Optional.empty()).join()).isFalse();
    assertThat(store().frozen()).contains(FREEZE);

    assertThat(store().freeze(Optional.of(FREEZE), Optional.of(FREEZE.done())).join()).isTrue();
    assertThat(store().frozen()).contains(FREEZE.done());
    assertThat(store().freeze(Optional.of(FREEZE.done()), Optional.empty()).join()).isTrue();
    assertThat(store().frozen()).isEmpty();
    assertThat(store().refusesWrites()).isEmpty();
    store().put(KEY, Value.text("1")).join();
    assertThat(store().count()).isEqualTo(1);
  }

  @Test
  default void acknowledgesNothingOnceItIsFrozen() throws Exception {
    int writers = 8;
    AtomicInteger acknowledged = new AtomicInteger();
    AtomicBoolean stopped = new AtomicBoolean();
    try (ExecutorService threads = Executors.newFixedThreadPool(writers)) {
      List<Future<?>> ends = new ArrayList<>();
      for (int i = 0; i < writers; i++) {
        Key key = Key.of("key-" + i);
        ends.add(
            threads.submit(
                () -> {
                  while (!stopped.get()) {
                    store().put(key, Value.text("x")).join();
                    acknowledged.incrementAndGet();
                  }
                }));
      }
      Awaitility.await().until(() -> acknowledged.get() > 10 * writers);

      store().freeze(Optional.empty(), Optional.of(FREEZE)).join();
      Revision frozen = store().revision();

      try {
        for (Future<?> end : ends) {
          assertThat(end)
              .failsWithin(Duration.ofSeconds(20))
              .withThrowableOfType(ExecutionException.class)
              .withRootCauseInstanceOf(StoreFailure.Frozen.class);
        }
      } finally {
        stopped.set(true);
      }
      assertThat(store().revision()).isEqualTo(frozen);
      long puts =
          LongStream.range(0, writers)
              .map(i -> store().get(Key.of("key-" + i)).orElseThrow().metadata().version())
              .sum();
      assertThat(puts).isEqualTo(acknowledged.get());
    }
  }

  @Test
  default void endsWatchesWhenItCloses() throws Exception {
    try (Watch watch = store().watch(Bytes.EMPTY, Bytes.EMPTY);
        ExecutorService thread = Executors.newSingleThreadExecutor()) {
      Future<List<Change>> waiting = thread.submit(() -> watch.next(Duration.ofMinutes(5)));
      Thread.sleep(100);

      store().close();

      assertThatThrownBy(waiting::get).hasCauseInstanceOf(StoreFailure.Closed.class);
    }
  }

  @Test
  default void refusesEverythingOnceItIsClosed() {
    store().close();

    assertThatThrownBy(() -> store().get(KEY)).isInstanceOf(StoreFailure.Closed.class);
    assertThatThrownBy(() -> search("", "", null, 1)).isInstanceOf(StoreFailure.Closed.class);
    assertThat(store().put(KEY, Value.text("")))
        .failsWithin(Duration.ofSeconds(10))
        .withThrowableOfType(ExecutionException.class)
        .withCauseInstanceOf(StoreFailure.Closed.class);
    assertThat(store().refusesWrites()).isPresent();
  }

  private Page search(String prefix, String suffix, @Nullable Key after, int limit) {
    return store()
        .search(
            Search.keys(Bytes.utf8(prefix), Bytes.utf8(suffix), Optional.ofNullable(after), limit));
  }

  private static Entry entry(Value value, Revision created, Revision modified, long version) {
    return new Entry(value, new Metadata(created, modified, version, Optional.empty()));
  }

  private static List<String> words(List<String> alphabet, int maxLength) {
    List<String> words = new ArrayList<>(alphabet);
    List<String> longest = alphabet;
    for (int length = 2; length <= maxLength; length++) {
      longest =
          longest.stream().flatMap(word -> alphabet.stream().map(letter -> word + letter)).toList();
      words.addAll(longest);
    }
    return words;
  }
}
