package io.cloudraft.kvs.service.engine.rocksdb;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.cloudraft.kvs.service.engine.ChangeId;
import io.cloudraft.kvs.service.engine.Ranges;
import io.cloudraft.kvs.service.store.Bytes;
import io.cloudraft.kvs.service.store.Entry;
import io.cloudraft.kvs.service.store.Key;
import io.cloudraft.kvs.service.store.Metadata;
import io.cloudraft.kvs.service.store.StoreCannotOpen;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.Cache;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.CompactRangeOptions;
import org.rocksdb.CompressionType;
import org.rocksdb.DBOptions;
import org.rocksdb.DataBlockIndexType;
import org.rocksdb.FlushOptions;
import org.rocksdb.IndexType;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.LRUCache;
import org.rocksdb.Range;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.SizeApproximationFlag;
import org.rocksdb.Slice;
import org.rocksdb.Status;
import org.rocksdb.WALRecoveryMode;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteBufferManager;
import org.rocksdb.WriteOptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** RocksDB, opened the way that the store's promise needs it, with its six column families. */
final class Database implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Database.class);
  private static final Duration LOCK_RETRY_INTERVAL = Duration.ofMillis(200);
  private static final long MIB = 1024 * 1024;

  /** A processor or two share each part of the cache; more of them would only be smaller. */
  private static final int CACHE_SHARD_BITS = 3;

  /** Of the cache, so that what finds a block is not pushed out by blocks. */
  private static final double SHARE_OF_INDEXES = 0.5;

  /** Of the memory of unflushed writes. */
  private static final double SHARE_OF_WRITE_FILTER = 0.05;

  private static final byte[] NOTHING = new byte[0];

  /** Greater than every key, as UTF-8 has no such byte. */
  private static final byte[] AFTER_ALL_KEYS = {(byte) 0xff, (byte) 0xff};

  /** What helps when what is stored cannot be read. */
  static final String HOW_TO_GO_ON =
      "To go on, move rocksdb and FORMAT in it away, leave the backups, start the store, which is empty then, and run \"kvs backup restore latest\": docs/operations.md has the commands under \"Restore a store that does not start\".";

  private static final String DAMAGED =
      "The data in %s is damaged: %s. It was left as it is, and the store does not start, because it would serve less than it acknowledged. "
          + HOW_TO_GO_ON;

  private final NativeResources resources;
  private final RocksDB db;
  private final Cache cache;
  private final ReadOptions reads;
  private final WriteOptions syncedWrites;
  private final LogRoom logRoom;
  private final ColumnFamilyHandle state;
  private final ColumnFamilyHandle records;
  private final ColumnFamilyHandle keys;
  private final ColumnFamilyHandle reversed;
  private final ColumnFamilyHandle expiring;
  private final ColumnFamilyHandle changes;

  private Database(
      NativeResources resources,
      RocksDB db,
      Cache cache,
      LogRoom logRoom,
      List<ColumnFamilyHandle> handles) {
    this.resources = resources;
    this.db = db;
    this.cache = cache;
    this.logRoom = logRoom;
    this.reads = resources.add(new ReadOptions());
    this.syncedWrites = resources.add(new WriteOptions().setSync(true));
    this.state = resources.add(handles.get(0));
    this.records = resources.add(handles.get(1));
    this.keys = resources.add(handles.get(2));
    this.reversed = resources.add(handles.get(3));
    this.expiring = resources.add(handles.get(4));
    this.changes = resources.add(handles.get(5));
  }

  /**
   * @param lockPatience how long to wait for another process to let go of the directory
   * @throws StoreCannotOpen if anything in the directory is not as it was acknowledged
   */
  static Database open(DataDirectory directory, MemoryBudget memory, Duration lockPatience) {
    return open(directory, memory, lockPatience, true);
  }

  /**
   * Opens a copy for a short while, in little memory, without putting its files in better order.
   */
  static Database openCopy(DataDirectory directory) {
    return open(directory, MemoryBudget.FOR_A_COPY, Duration.ZERO, false);
  }

  private static Database open(
      DataDirectory directory, MemoryBudget memory, Duration lockPatience, boolean compacts) {
    RocksDB.loadLibrary();
    NativeResources resources = new NativeResources();
    try {
      directory.prepare();
      Cache cache =
          resources.add(
              new LRUCache(memory.cacheBytes(), CACHE_SHARD_BITS, false, SHARE_OF_INDEXES));
      DiskBudget disk = DiskBudget.of(directory.path());
      DBOptions options =
          resources.add(options(directory, disk.writeBuffers(memory), cache, resources));
      ColumnFamilyOptions families =
          resources.add(familyOptions(disk, cache, resources).setDisableAutoCompactions(!compacts));
      List<ColumnFamilyHandle> handles = new ArrayList<>();
      RocksDB db =
          resources.add(openOnceUnlocked(directory, options, families, handles, lockPatience));
      Database database =
          new Database(resources, db, cache, new LogRoom(directory.database()), handles);
      directory.markFormat();
      return database;
    } catch (RocksDBException e) {
      resources.close();
      throw refusal(directory, e);
    } catch (IOException e) {
      resources.close();
      throw new StoreCannotOpen(
          "The data directory %s cannot be used: %s.".formatted(directory.path(), e.getMessage()),
          e);
    } catch (RuntimeException e) {
      resources.close();
      throw e;
    }
  }

  /**
   * Mends what a crash has left, unless another process has the database: what that one is writing
   * may look like what a crash leaves.
   */
  private static boolean tryMend(DataDirectory directory) throws IOException {
    try (FileChannel file =
            FileChannel.open(
                directory.databaseLock(), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = file.tryLock()) {
      if (lock != null) {
        refuseDamage(directory);
      }
      return lock != null;
    }
  }

  private static void refuseDamage(DataDirectory directory) throws IOException {
    List<String> damages = LogFile.mend(directory.database());
    if (!damages.isEmpty()) {
      throw new StoreCannotOpen(
          DAMAGED.formatted(directory.path(), "records follow on unreadable ones in " + damages));
    }
  }

  private static DBOptions options(
      DataDirectory directory, long writeBuffers, Cache cache, NativeResources resources)
      throws IOException {
    return new DBOptions()
        // A database that was there and is not any more must not quietly become an empty one.
        .setCreateIfMissing(!directory.holdsStore())
        .setCreateMissingColumnFamilies(!directory.holdsCurrentFormat())
        .setParanoidChecks(true)
        // The default mode stops reading the log at the first damage and opens with what came
        // before.
        .setWalRecoveryMode(WALRecoveryMode.TolerateCorruptedTailRecords)
        .setWriteBufferManager(resources.add(new WriteBufferManager(writeBuffers, cache)))
        // A family that is seldom written would otherwise keep up to 512 MiB of log alive.
        .setMaxTotalWalSize(2 * writeBuffers)
        .setInfoLogLevel(InfoLogLevel.WARN_LEVEL)
        .setMaxLogFileSize(MIB)
        .setKeepLogFileNum(2)
        .setStatsDumpPeriodSec(0);
  }

  private static ColumnFamilyOptions familyOptions(
      DiskBudget disk, Cache cache, NativeResources resources) {
    return new ColumnFamilyOptions()
        .setCompressionType(CompressionType.LZ4_COMPRESSION)
        .setWriteBufferSize(disk.writeBuffer())
        .setTargetFileSizeBase(disk.largestTable())
        .setMaxBytesForLevelBase(disk.firstLevel())
        .setMaxCompactionBytes(disk.largestMerge())
        // Most keys that are looked for are not among those that were just written.
        .setMemtablePrefixBloomSizeRatio(SHARE_OF_WRITE_FILTER)
        .setMemtableWholeKeyFiltering(true)
        .setTableFormatConfig(
            new BlockBasedTableConfig()
                .setBlockCache(cache)
                .setDataBlockIndexType(DataBlockIndexType.kDataBlockBinaryAndHash)
                // Keeps memory flat, however many keys there are. In small parts, because one
                // larger than a shard of the cache would be read from the file for each key.
                .setCacheIndexAndFilterBlocks(true)
                .setCacheIndexAndFilterBlocksWithHighPriority(true)
                .setPinTopLevelIndexAndFilter(true)
                .setIndexType(IndexType.kTwoLevelIndexSearch)
                .setPartitionFilters(true)
                .setPinL0FilterAndIndexBlocksInCache(true)
                .setFilterPolicy(resources.add(new BloomFilter(10))));
  }

  /**
   * Waits for the lock: when a pod was deleted by force, its process may outlive it by some
   * seconds.
   */
  private static RocksDB openOnceUnlocked(
      DataDirectory directory,
      DBOptions options,
      ColumnFamilyOptions families,
      List<ColumnFamilyHandle> handles,
      Duration patience)
      throws RocksDBException, IOException {
    List<ColumnFamilyDescriptor> descriptors =
        List.of(
            new ColumnFamilyDescriptor(RocksDB.DEFAULT_COLUMN_FAMILY, families),
            new ColumnFamilyDescriptor("records".getBytes(US_ASCII), families),
            new ColumnFamilyDescriptor("keys".getBytes(US_ASCII), families),
            new ColumnFamilyDescriptor("reversed".getBytes(US_ASCII), families),
            new ColumnFamilyDescriptor("expiring".getBytes(US_ASCII), families),
            new ColumnFamilyDescriptor("changes".getBytes(US_ASCII), families));
    long deadline = System.nanoTime() + patience.toNanos();
    boolean announced = false;
    while (true) {
      try {
        if (tryMend(directory)) {
          return RocksDB.open(options, directory.database().toString(), descriptors, handles);
        }
      } catch (RocksDBException e) {
        if (!isLocked(e)) {
          throw e;
        }
      }
      if (System.nanoTime() > deadline) {
        throw new StoreCannotOpen(
            "The data directory %s is in use by another process, still after %d s. One directory serves one process: stop the other one, or set KVS_DATA_DIRECTORY to another directory."
                .formatted(directory.path(), patience.toSeconds()));
      }
      if (!announced) {
        log.warn(
            "The data directory {} is in use by another process; waiting up to {} s for it.",
            directory.path(),
            patience.toSeconds());
        announced = true;
      }
      pause();
    }
  }

  private static void pause() throws InterruptedIOException {
    try {
      Thread.sleep(LOCK_RETRY_INTERVAL);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while waiting for the lock");
    }
  }

  /** RocksDB has no status of its own for this: the file that it could not lock tells. */
  private static boolean isLocked(RocksDBException e) {
    return codeOf(e) == Status.Code.IOError && String.valueOf(e.getMessage()).contains("/LOCK: ");
  }

  private static StoreCannotOpen refusal(DataDirectory directory, RocksDBException e) {
    String message =
        switch (codeOf(e)) {
          case Corruption, InvalidArgument -> DAMAGED;
          default -> "The data directory %s cannot be opened: %s. Nothing was changed.";
        };
    return new StoreCannotOpen(message.formatted(directory.path(), e.getMessage()), e);
  }

  private static Status.Code codeOf(RocksDBException e) {
    Status status = e.getStatus();
    return status == null ? Status.Code.Undefined : status.getCode();
  }

  StoreState readState() throws RocksDBException {
    return readState(reads);
  }

  StoreState readState(ReadOptions options) throws RocksDBException {
    byte[] stored = db.get(state, options, StoreState.key());
    return stored == null ? StoreState.EMPTY : StoreState.decode(stored);
  }

  /** 32 bytes, drawn at random when the data was made. */
  Bytes secret() throws RocksDBException {
    byte[] key = "secret".getBytes(US_ASCII);
    byte[] secret = db.get(state, reads, key);
    if (secret == null) {
      secret = new byte[32];
      new SecureRandom().nextBytes(secret);
      db.put(state, syncedWrites, key, secret);
    }
    return Bytes.wrap(secret);
  }

  /** The entry under the key, expired or not. */
  Optional<Entry> readEntry(Key key) throws RocksDBException {
    return readEntry(reads, key);
  }

  Optional<Entry> readEntry(ReadOptions options, Key key) throws RocksDBException {
    byte[] stored = db.get(records, options, key.bytes().array());
    return stored == null
        ? Optional.empty()
        : Optional.of(StoredRecord.decode(ByteBuffer.wrap(stored)));
  }

  /** What is known of the key, without reading its value. */
  Optional<Metadata> readMetadata(Key key) throws RocksDBException {
    byte[] start = new byte[StoredRecord.MAX_METADATA_SIZE];
    return db.get(records, reads, key.bytes().array(), start) == RocksDB.NOT_FOUND
        ? Optional.empty()
        : Optional.of(StoredRecord.decodeMetadata(ByteBuffer.wrap(start)));
  }

  /** How large the key's record is; 0 when there is none. */
  long sizeOfRecord(Key key) throws RocksDBException {
    return Math.max(0, db.get(records, reads, key.bytes().array(), new byte[1]));
  }

  /** The change of this place in the history, or nothing when it was dropped. */
  Optional<StoredChange> readChange(ChangeId id) throws RocksDBException {
    return Optional.ofNullable(db.get(changes, reads, id.encode())).map(StoredChange::read);
  }

  void putState(WriteBatch batch, StoreState newState) throws RocksDBException {
    batch.put(state, StoreState.key(), newState.encode());
  }

  void putRecord(WriteBatch batch, Key key, byte[] stored) throws RocksDBException {
    batch.put(records, key.bytes().array(), stored);
  }

  void putIndexes(WriteBatch batch, Key key, Optional<Instant> expires) throws RocksDBException {
    byte[] value = expires.map(ExpiryIndex::encode).orElse(NOTHING);
    batch.put(keys, key.bytes().array(), value);
    batch.put(reversed, key.bytes().reversed().array(), value);
  }

  void deleteKey(WriteBatch batch, Key key) throws RocksDBException {
    batch.delete(records, key.bytes().array());
    batch.delete(keys, key.bytes().array());
    batch.delete(reversed, key.bytes().reversed().array());
  }

  void putExpiry(WriteBatch batch, Optional<Instant> expires, Key key) throws RocksDBException {
    if (expires.isPresent()) {
      batch.put(expiring, ExpiryIndex.encode(expires.get(), key), NOTHING);
    }
  }

  void deleteExpiry(WriteBatch batch, Optional<Instant> expires, Key key) throws RocksDBException {
    if (expires.isPresent()) {
      batch.delete(expiring, ExpiryIndex.encode(expires.get(), key));
    }
  }

  void putChange(WriteBatch batch, byte[] id, byte[] change) throws RocksDBException {
    batch.put(changes, id, change);
  }

  /** Drops all changes from the first place on, up to the one before the second. */
  void deleteChanges(WriteBatch batch, ChangeId from, ChangeId to) throws RocksDBException {
    batch.deleteRange(changes, from.encode(), to.encode());
  }

  /** Returns once the batch is on disk. For one thread. */
  void writeSynced(WriteBatch batch) throws RocksDBException {
    logRoom.make(batch.getDataSize());
    db.write(syncedWrites, batch);
  }

  /** Returns when nothing that was deleted before takes room any more, or it was cancelled. */
  void mergeAll(CompactRangeOptions how) throws RocksDBException {
    try (FlushOptions flush = new FlushOptions()) {
      List<ColumnFamilyHandle> all = List.of(changes, records, keys, reversed, expiring);
      db.flush(flush, all);
      for (ColumnFamilyHandle family : all) {
        db.compactRange(family, null, null, how);
      }
    }
  }

  RocksIterator walkKeys(ReadOptions options) {
    return db.newIterator(keys, options);
  }

  RocksIterator walkReversed(ReadOptions options) {
    return db.newIterator(reversed, options);
  }

  RocksIterator walkExpiring() {
    return walkExpiring(reads);
  }

  RocksIterator walkExpiring(ReadOptions options) {
    return db.newIterator(expiring, options);
  }

  RocksIterator walkChanges() {
    return db.newIterator(changes, reads);
  }

  /** About how many keys begin with the prefix. */
  long estimateKeys(Bytes prefix, long allKeys) {
    return estimate(keys, prefix, allKeys);
  }

  /** About how many keys begin, in reverse, with the prefix. */
  long estimateReversed(Bytes prefix, long allKeys) {
    return estimate(reversed, prefix, allKeys);
  }

  /** What lies in memory is counted by RocksDB; of files it knows how large they are. */
  private long estimate(ColumnFamilyHandle index, Bytes prefix, long allKeys) {
    try (Slice start = new Slice(prefix.array());
        Slice end = new Slice(Ranges.endOf(prefix).orElse(AFTER_ALL_KEYS));
        Slice first = new Slice(NOTHING);
        Slice last = new Slice(AFTER_ALL_KEYS)) {
      Range part = new Range(start, end);
      Range whole = new Range(first, last);
      long[] bytes =
          db.getApproximateSizes(index, List.of(part, whole), SizeApproximationFlag.INCLUDE_FILES);
      long inMemory = db.getApproximateMemTableStats(index, part).count;
      long inFiles = allKeys - db.getApproximateMemTableStats(index, whole).count;
      double share = bytes[1] == 0 ? 0 : (double) bytes[0] / bytes[1];
      return inMemory + Math.round(share * Math.max(0, inFiles));
    }
  }

  RocksDB rocks() {
    return db;
  }

  Cache cache() {
    return cache;
  }

  @Override
  public void close() {
    resources.close();
  }
}
