package io.cloudraft.kvs.service.engine.rocksdb;

import io.cloudraft.kvs.service.store.Bytes;
import io.cloudraft.kvs.service.store.Entry;
import io.cloudraft.kvs.service.store.Key;
import io.cloudraft.kvs.service.store.Page;
import io.cloudraft.kvs.service.store.Revision;
import io.cloudraft.kvs.service.store.Scan;
import java.util.Optional;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;

/** A walk over all keys of a prefix at one moment, which leaves out those without the suffix. */
final class RocksDbScan implements Scan {
  private final RocksDbStore store;
  private final Moment moment;
  private final RocksIterator index;
  private final Bytes suffix;
  private final Revision revision;
  private boolean closed;

  RocksDbScan(RocksDbStore store, Moment moment, Bytes prefix, Bytes suffix)
      throws RocksDBException {
    this.store = store;
    this.moment = moment;
    this.suffix = suffix;
    this.index = moment.walkKeys(prefix);
    this.revision = moment.state().revision();
    index.seekToFirst();
  }

  @Override
  public Revision revision() {
    return revision;
  }

  @Override
  public Optional<Page.Item> next() {
    return store.reading(
        _ -> {
          for (; index.isValid(); index.next()) {
            Key key = new Key(Bytes.wrap(index.key()));
            if (key.bytes().endsWith(suffix) && !moment.hasExpired(index.value())) {
              Optional<Entry> entry = moment.entry(key);
              index.next();
              return Optional.of(new Page.Item(key, entry));
            }
          }
          index.status();
          return Optional.empty();
        });
  }

  /** Also called by the store that closes, before anyone is done with it. */
  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      moment.close();
      store.forget(this);
    }
  }
}
