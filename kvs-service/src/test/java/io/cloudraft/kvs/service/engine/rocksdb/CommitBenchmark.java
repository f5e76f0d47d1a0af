package io.cloudraft.kvs.service.engine.rocksdb;

import io.cloudraft.kvs.service.store.Revision;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;

/** What the committer takes for a write, for one that is alone and for many that share a commit. */
public class CommitBenchmark {
  private static final int TOGETHER = 256;

  @Benchmark
  public Revision alone(FilledStore filled) {
    return put(filled).join();
  }

  @Benchmark
  @OperationsPerInvocation(TOGETHER)
  public void together(FilledStore filled) {
    CompletableFuture.allOf(
            Stream.generate(() -> put(filled)).limit(TOGETHER).toArray(CompletableFuture[]::new))
        .join();
  }

  private static CompletableFuture<Revision> put(FilledStore filled) {
    return filled.store().put(filled.anyKey(), FilledStore.VALUE);
  }
}
