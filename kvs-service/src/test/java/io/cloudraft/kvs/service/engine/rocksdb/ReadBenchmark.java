package io.cloudraft.kvs.service.engine.rocksdb;

import io.cloudraft.kvs.service.store.Bytes;
import io.cloudraft.kvs.service.store.Entry;
import io.cloudraft.kvs.service.store.Page;
import io.cloudraft.kvs.service.store.Search;
import java.util.Optional;
import org.openjdk.jmh.annotations.Benchmark;

/** What it takes to read a key, and to find a page of keys by its beginning, its end or both. */
public class ReadBenchmark {
  @Benchmark
  public Optional<Entry> key(FilledStore filled) {
    return filled.store().get(filled.anyKey());
  }

  @Benchmark
  public Page pageByPrefix(FilledStore filled) {
    return page(filled, "user-", "");
  }

  @Benchmark
  public Page pageBySuffix(FilledStore filled) {
    return page(filled, "", "-a");
  }

  @Benchmark
  public Page pageByBoth(FilledStore filled) {
    return page(filled, "user-", "-a");
  }

  @Benchmark
  public Page pageByCommonPrefixAndRareSuffix(FilledStore filled) {
    return page(filled, "user-", "-rare");
  }

  private static Page page(FilledStore filled, String prefix, String suffix) {
    return filled
        .store()
        .search(Search.keys(Bytes.utf8(prefix), Bytes.utf8(suffix), Optional.empty(), 50));
  }
}
