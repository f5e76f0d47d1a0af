package io.cloudraft.kvs.service.engine;

import io.cloudraft.kvs.service.store.Bytes;
import io.cloudraft.kvs.service.store.Revision;
import io.cloudraft.kvs.service.store.StoreFailure;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells those who watch of new changes. Its one thread follows the history as the committer extends
 * it, so that no write waits for anybody who watches.
 *
 * <p>A watch that has seen all of the past is registered here, and hears of the changes that match
 * it. One that cannot keep up is dropped, reads what it missed from the history by itself, and
 * registers again.
 */
public final class ChangeFeed implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ChangeFeed.class);

  private final History history;
  private final Supplier<Revision> newest;
  private final Thread thread = Thread.ofPlatform().name("kvs-changes").unstarted(this::run);

  /** Guards what follows. */
  private final Object lock = new Object();

  /** Each watch is in one of the two. */
  private final Affixes byPrefix = new Affixes(ChangeWatch::prefix);

  private final Affixes bySuffix = new Affixes(watch -> watch.suffix().reversed());
  private volatile int watches;

  /** All changes up to here were told. */
  private volatile Revision position;

  private volatile boolean closed;

  /**
   * @param newest the last change that is on disk
   */
  public ChangeFeed(History history, Supplier<Revision> newest) {
    this.history = history;
    this.newest = newest;
    this.position = newest.get();
  }

  public void start() {
    thread.start();
  }

  /** To be called after each commit; costs next to nothing where nobody watches. */
  public void wake() {
    if (watches > 0) {
      LockSupport.unpark(thread);
    }
  }

  /** Up to where all was told; waits while there is something of which only a part was. */
  Revision position() {
    synchronized (lock) {
      return position;
    }
  }

  /**
   * Registers a watch, from the position of this feed on.
   *
   * @param seen up to where the watch knows all changes
   * @return whether it is registered: not if it lags behind
   */
  boolean register(ChangeWatch watch, Revision seen) {
    synchronized (lock) {
      if (closed) {
        throw new StoreFailure.Closed();
      }
      if (watches == 0) {
        position = seen;
      }
      if (seen.compareTo(position) < 0) {
        return false;
      }
      if (indexOf(watch).add(watch)) {
        watches++;
      }
      watch.goLive();
    }
    wake();
    return true;
  }

  void unregister(ChangeWatch watch) {
    synchronized (lock) {
      if (indexOf(watch).remove(watch)) {
        watches--;
      }
    }
  }

  private Affixes indexOf(ChangeWatch watch) {
    return watch.prefix().isEmpty() && !watch.suffix().isEmpty() ? bySuffix : byPrefix;
  }

  private void run() {
    while (!closed) {
      if (watches == 0 || position.compareTo(newest.get()) >= 0) {
        LockSupport.park(this);
      } else {
        tell();
      }
    }
  }

  private void tell() {
    try {
      Revision from = position;
      History.Headlines headlines = history.headlines(from);
      synchronized (lock) {
        // The last watch may have ended meanwhile, and another one have begun with an older place.
        if (watches > 0 && position.equals(from)) {
          headlines.changes().forEach(this::tell);
          position = headlines.upTo();
        }
      }
    } catch (StoreFailure.Compacted e) {
      log.warn("Changes were dropped before those who watch heard of them: {}", e.getMessage());
      dropAll();
    } catch (StoreFailure e) {
      if (!closed) {
        log.error("The history cannot be read: nobody who watches hears of changes any more.", e);
        end();
      }
    }
  }

  /** Leaves it to each watch to find out what it missed. */
  private void dropAll() {
    synchronized (lock) {
      for (ChangeWatch watch : all()) {
        watch.lag();
        unregister(watch);
      }
    }
  }

  private List<ChangeWatch> all() {
    List<ChangeWatch> all = new ArrayList<>();
    byPrefix.addAllTo(all);
    bySuffix.addAllTo(all);
    return all;
  }

  private void tell(History.Headline change) {
    List<ChangeWatch> interested = new ArrayList<>();
    byPrefix.addMatchingTo(interested, change.key().bytes());
    bySuffix.addMatchingTo(interested, change.key().bytes().reversed());
    for (ChangeWatch watch : interested) {
      if (watch.matches(change.key()) && !watch.offer(change.id())) {
        unregister(watch);
      }
    }
  }

  private void end() {
    List<ChangeWatch> ended;
    synchronized (lock) {
      closed = true;
      ended = all();
    }
    ended.forEach(ChangeWatch::wake);
    LockSupport.unpark(thread);
  }

  /** Ends all watches. */
  @Override
  public void close() {
    end();
    Threads.join(thread);
  }

  boolean isClosed() {
    return closed;
  }

  /**
   * Watches by what their keys begin with. To find those of a key takes one look for each length
   * that occurs, however many they are.
   */
  private static final class Affixes {
    private final Function<ChangeWatch, Bytes> affixOf;
    private final Map<Integer, Map<Bytes, Set<ChangeWatch>>> byLength = new HashMap<>();

    Affixes(Function<ChangeWatch, Bytes> affixOf) {
      this.affixOf = affixOf;
    }

    boolean add(ChangeWatch watch) {
      Bytes affix = affixOf.apply(watch);
      return byLength
          .computeIfAbsent(affix.size(), _ -> new HashMap<>())
          .computeIfAbsent(affix, _ -> new LinkedHashSet<>(2))
          .add(watch);
    }

    boolean remove(ChangeWatch watch) {
      Bytes affix = affixOf.apply(watch);
      Map<Bytes, Set<ChangeWatch>> sameLength = byLength.getOrDefault(affix.size(), Map.of());
      Set<ChangeWatch> same = sameLength.getOrDefault(affix, Set.of());
      if (!same.contains(watch)) {
        return false;
      }
      same.remove(watch);
      if (same.isEmpty()) {
        sameLength.remove(affix);
      }
      if (sameLength.isEmpty()) {
        byLength.remove(affix.size());
      }
      return true;
    }

    void addMatchingTo(List<ChangeWatch> matching, Bytes key) {
      byLength.forEach(
          (length, watches) -> {
            if (length <= key.size()) {
              Bytes affix = Bytes.wrap(Arrays.copyOf(key.array(), length));
              matching.addAll(watches.getOrDefault(affix, Set.of()));
            }
          });
    }

    void addAllTo(List<ChangeWatch> all) {
      byLength.values().forEach(watches -> watches.values().forEach(all::addAll));
    }
  }
}
