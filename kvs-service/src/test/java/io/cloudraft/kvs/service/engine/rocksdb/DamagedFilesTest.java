package io.cloudraft.kvs.service.engine.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloudraft.kvs.service.store.Bytes;
import io.cloudraft.kvs.service.store.Change;
import io.cloudraft.kvs.service.store.Entry;
import io.cloudraft.kvs.service.store.Key;
import io.cloudraft.kvs.service.store.Operation;
import io.cloudraft.kvs.service.store.Outcome;
import io.cloudraft.kvs.service.store.Page;
import io.cloudraft.kvs.service.store.Revision;
import io.cloudraft.kvs.service.store.Scan;
import io.cloudraft.kvs.service.store.Search;
import io.cloudraft.kvs.service.store.StoreCannotOpen;
import io.cloudraft.kvs.service.store.StoreFailure;
import io.cloudraft.kvs.service.store.Transaction;
import io.cloudraft.kvs.service.store.Value;
import io.cloudraft.kvs.service.store.Watch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Damages each kind of file at random places. The store may refuse to open, or a read may fail with
 * a word on it; but what is answered is what was acknowledged.
 */
class DamagedFilesTest {
  private static final int PLACES = Integer.getInteger("places", 15);
  private static final int KEYS = 300;

  enum Damage {
    FLIP {
      @Override
      byte[] on(byte[] bytes, Random random) {
        byte[] damaged = bytes.clone();
        damaged[random.nextInt(bytes.length)] ^= (byte) (1 + random.nextInt(255));
        return damaged;
      }
    },
    ZEROS {
      @Override
      byte[] on(byte[] bytes, Random random) {
        byte[] damaged = bytes.clone();
        int sector = 512 * random.nextInt(Math.ceilDiv(bytes.length, 512));
        Arrays.fill(damaged, sector, Math.min(sector + 512, bytes.length), (byte) 0);
        return damaged;
      }
    },
    CUT {
      @Override
      byte[] on(byte[] bytes, Random random) {
        return Arrays.copyOf(bytes, random.nextInt(bytes.length));
      }
    };

    abstract byte[] on(byte[] bytes, Random random);
  }

  @TempDir Path directory;
  private final long seed = new Random().nextLong();
  private final Random random = new Random(seed);
  private final NavigableMap<Key, Entry> entries = new TreeMap<>();
  private final List<Change> changes = new ArrayList<>();
  private int refusals;
  private int failures;

  /** Three tables for each kind of data, and a log with large and small writes. */
  @BeforeEach
  void fill() {
    for (int part = 0; part < 4; part++) {
      try (RocksDbStore store = open(directory)) {
        for (int i = 0; i < KEYS; i++) {
          put(store);
        }
      }
    }
  }

  private static RocksDbStore open(Path path) {
    // Long ago, so that nothing expires meanwhile.
    return Stores.open(path, Stores.UNLIMITED, () -> Instant.EPOCH);
  }

  private void put(RocksDbStore store) {
    byte[] bytes = new byte[random.nextInt(random.nextInt(10) == 0 ? 20_000 : 300)];
    random.nextBytes(bytes);
    Key key = Key.of("key-" + random.nextInt(KEYS));
    Value value = new Value(Value.TEXT, Bytes.wrap(bytes));
    Optional<Instant> expires =
        random.nextInt(5) == 0
            ? Optional.of(Instant.ofEpochMilli(1 + random.nextInt(1000)))
            : Optional.empty();
    Outcome outcome = store.commit(Transaction.of(new Operation.Put(key, value, expires))).join();
    Entry entry = new Entry(value, ((Outcome.Result.Put) outcome.results().getFirst()).metadata());
    entries.put(key, entry);
    changes.add(new Change(outcome.revision(), key, Optional.of(entry)));
  }

  @ParameterizedTest
  @CsvSource({
    "*.sst, FLIP",
    "*.sst, ZEROS",
    "*.sst, CUT",
    "*.log, FLIP",
    "MANIFEST-*, FLIP",
    "CURRENT, FLIP",
    "CURRENT, CUT",
    "OPTIONS-*, FLIP",
    "IDENTITY, CUT",
  })
  void areNeverServedAsData(String files, Damage damage, @TempDir Path copies) throws Exception {
    List<Path> kind = new ArrayList<>();
    try (var found = Files.newDirectoryStream(directory.resolve("rocksdb"), files)) {
      found.forEach(kind::add);
    }
    assertThat(kind).isNotEmpty();
    for (int i = 0; i < PLACES; i++) {
      Path file = kind.get(random.nextInt(kind.size()));
      byte[] whole = Files.readAllBytes(file);
      if (whole.length > 0) {
        Path copy = copy(copies.resolve("copy"));
        byte[] damaged = damage.on(whole, random);
        Files.write(copy.resolve(directory.relativize(file)), damaged);
        look(copy, "%s of %s, place %d, seed %d".formatted(damage, file, i, seed));
        FileTree.delete(copy);
      }
    }
    System.out.printf(
        "%s of %s: %d of %d refused, and %d reads%n", damage, files, refusals, PLACES, failures);
  }

  private void look(Path copy, String what) {
    try (RocksDbStore store = open(copy)) {
      compare(what, () -> keys(store), List.copyOf(entries.keySet()));
      compare(what, store::count, (long) entries.size());
      compare(what, store::revision, new Revision(4 * KEYS));
      compare(what, () -> scan(store), entries);
      for (Key key : entries.keySet()) {
        compare(what, () -> store.get(key).orElseThrow(), entries.get(key));
        Bytes end = Bytes.utf8(key.toString().substring(3));
        compare(
            what,
            () -> store.search(Search.keys(Bytes.EMPTY, end, Optional.empty(), KEYS)).keys(),
            entries.keySet().stream().filter(k -> k.bytes().endsWith(end)).toList());
      }
      compare(what, () -> history(store), changes);
    } catch (StoreCannotOpen refusal) {
      refusals++;
      assertThat(refusal).as(what).hasMessageContaining(copy.toString());
    }
  }

  private <T> void compare(String what, Supplier<T> read, T expected) {
    T found;
    try {
      found = read.get();
    } catch (StoreFailure.Damaged failure) {
      failures++;
      return;
    }
    if (!found.equals(expected)) {
      throw new AssertionError(what + ": other data than was acknowledged");
    }
  }

  private static List<Key> keys(RocksDbStore store) {
    return store.search(Search.keys(Bytes.EMPTY, Bytes.EMPTY, Optional.empty(), KEYS)).keys();
  }

  private static NavigableMap<Key, Entry> scan(RocksDbStore store) {
    NavigableMap<Key, Entry> found = new TreeMap<>();
    try (Scan scan = store.scan(Bytes.EMPTY, Bytes.EMPTY)) {
      for (Optional<Page.Item> item = scan.next(); item.isPresent(); item = scan.next()) {
        found.put(item.get().key(), item.get().entry().orElseThrow());
      }
    }
    return found;
  }

  private static List<Change> history(RocksDbStore store) {
    List<Change> found = new ArrayList<>();
    try (Watch watch = store.watch(Bytes.EMPTY, Bytes.EMPTY, Revision.NONE)) {
      while (found.size() < 4 * KEYS) {
        List<Change> some = watch.next(Duration.ofSeconds(1));
        if (some.isEmpty()) {
          break;
        }
        found.addAll(some);
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    return found;
  }

  private Path copy(Path target) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path copied = target.resolve(directory.relativize(file));
        Files.createDirectories(copied.getParent());
        Files.copy(file, copied);
      }
    }
    return target;
  }
}
