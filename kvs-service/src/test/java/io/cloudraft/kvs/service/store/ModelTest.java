package io.cloudraft.kvs.service.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloudraft.kvs.service.engine.memory.MemoryStore;
import io.cloudraft.kvs.service.store.Search.Order;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.RepeatedTest;

/**
 * Random operations, with restarts in between, on an engine and on the model alike: the test class
 * of an engine implements this and says how a store is opened.
 */
public abstract class ModelTest {
  private static final int OPERATIONS = 3000;

  private final long seed = new Random().nextLong();
  private final Random random = new Random(seed);

  /** Pairs of answers, not yet asked for: so that writes share commits. */
  private final List<CompletableFuture<?>> expected = new ArrayList<>();

  private final List<CompletableFuture<?>> actual = new ArrayList<>();

  /** Opens the one store of a test, for the first time or again. */
  protected abstract KeyValueStore open();

  /** Whether writes are done in the order in which they come, also when nobody awaits them. */
  protected abstract boolean keepsOrder();

  @RepeatedTest(5)
  void answersAsTheModelDoes() {
    try (MemoryStore model = new MemoryStore()) {
      KeyValueStore store = open();
      try {
        for (int i = 0; i < OPERATIONS; i++) {
          if (random.nextInt(500) == 0) {
            store.close();
            store = open();
          }
          operate(model, store);
          if (!keepsOrder()) {
            compareAnswers();
          }
        }
        compareAnswers();
        compareEverything(model, store);
      } finally {
        store.close();
      }
    }
  }

  private void operate(MemoryStore model, KeyValueStore store) {
    switch (random.nextInt(12)) {
      case 10, 11 -> {
        Transaction transaction = transaction();
        expected.add(model.commit(transaction));
        actual.add(store.commit(transaction));
      }
      case 0, 1, 2, 3, 4 -> {
        Key key = key();
        Value value = Value.text("v".repeat(random.nextInt(200)));
        expected.add(model.put(key, value));
        actual.add(store.put(key, value));
      }
      case 5, 6, 7 -> {
        Key key = key();
        expected.add(model.delete(key));
        actual.add(store.delete(key));
      }
      case 8 -> {
        compareAnswers();
        Key key = key();
        assertThat(store.get(key)).as("%s, seed %d", key, seed).isEqualTo(model.get(key));
        assertThat(store.count()).as("seed %d", seed).isEqualTo(model.count());
      }
      default -> {
        compareAnswers();
        Search search =
            new Search(
                affix(),
                affix(),
                random.nextBoolean() ? Optional.empty() : Optional.of(key()),
                random.nextBoolean() ? Order.ASCENDING : Order.DESCENDING,
                1 + random.nextInt(20),
                random.nextBoolean(),
                random.nextBoolean() ? Long.MAX_VALUE : 1 + random.nextInt(1000),
                Optional.empty(),
                false);
        assertThat(store.search(search))
            .as("%s, seed %d", search, seed)
            .isEqualTo(model.search(search));
      }
    }
  }

  private Transaction transaction() {
    List<Compare> compares = new ArrayList<>();
    for (int i = random.nextInt(3); i > 0; i--) {
      Key key = key();
      Revision revision = new Revision(random.nextInt(OPERATIONS));
      compares.add(
          switch (random.nextInt(5)) {
            case 0 -> new Compare.Exists(key, random.nextBoolean());
            case 1 -> new Compare.ModifiedAt(key, Set.of(revision));
            case 2 -> new Compare.NotModifiedAt(key, Set.of(revision));
            case 3 -> new Compare.VersionIs(key, 1 + random.nextInt(3));
            default -> new Compare.ValueIs(key, Bytes.utf8("v"));
          });
    }
    return new Transaction(compares, operations(), operations());
  }

  private List<Operation> operations() {
    Map<Key, Operation> changes = new LinkedHashMap<>();
    for (int i = random.nextInt(4); i > 0; i--) {
      Key key = key();
      changes.put(
          key,
          random.nextBoolean()
              ? new Operation.Put(key, Value.text("v".repeat(random.nextInt(3))))
              : new Operation.Delete(key));
    }
    List<Operation> operations = new ArrayList<>(changes.values());
    for (int i = random.nextInt(3); i > 0; i--) {
      operations.add(random.nextInt(operations.size() + 1), new Operation.Get(key()));
    }
    return operations;
  }

  private void compareAnswers() {
    assertThat(actual.stream().map(CompletableFuture::join).toList())
        .as("seed %d", seed)
        .isEqualTo(expected.stream().map(CompletableFuture::join).toList());
    actual.clear();
    expected.clear();
  }

  private void compareEverything(MemoryStore model, KeyValueStore store) {
    Search all = Search.keys(Bytes.EMPTY, Bytes.EMPTY, Optional.empty(), Integer.MAX_VALUE - 1);
    assertThat(store.search(all)).as("seed %d", seed).isEqualTo(model.search(all));
    try (Watch expectedWatch = model.watch(Bytes.EMPTY, Bytes.EMPTY, Revision.NONE);
        Watch actualWatch = store.watch(Bytes.EMPTY, Bytes.EMPTY, Revision.NONE)) {
      List<Change> changes = expectedWatch.next(Duration.ZERO);
      List<Change> found = new ArrayList<>();
      while (found.size() < changes.size()) {
        found.addAll(actualWatch.next(Duration.ofSeconds(10)));
      }
      assertThat(found).as("seed %d", seed).isEqualTo(changes);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    for (Key key : model.search(all).keys()) {
      assertThat(store.get(key)).as("%s, seed %d", key, seed).isEqualTo(model.get(key));
    }
  }

  /** Few enough keys that they are hit again and again. */
  private Key key() {
    return new Key(letters(1 + random.nextInt(4)));
  }

  private Bytes affix() {
    return letters(random.nextInt(3));
  }

  private Bytes letters(int length) {
    byte[] letters = new byte[length];
    for (int i = 0; i < length; i++) {
      letters[i] = new byte[] {0, 'a', 'b', (byte) 0xff}[random.nextInt(4)];
    }
    return Bytes.wrap(letters);
  }
}
