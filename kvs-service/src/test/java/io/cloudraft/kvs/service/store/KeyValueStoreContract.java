package io.cloudraft.kvs.service.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.LongStream;
import java.util.stream.Stream;
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

  @Test
  default void numbersTheChangesOfManyWritersWithoutGaps() throws Exception {
    int writers = 8;
    int writes = 500;
    List<Long> revisions = Collections.synchronizedList(new ArrayList<>());
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
                    revisions.add(revision);
                    former = revision;
                  }
                }));
      }
      for (Future<?> future : running) {
        future.get();
      }
    }

    assertThat(revisions)
        .containsExactlyInAnyOrderElementsOf(
            LongStream.rangeClosed(1, (long) writers * writes).boxed().toList());
    assertThat(store().count()).isEqualTo(writes / 2 + (long) writers * writes / 2);
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
