package io.cloudraft.kvs.service.codec;

import io.cloudraft.kvs.service.store.Key;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** What it takes to make a key of what a path says. */
@State(Scope.Benchmark)
public class PathKeyBenchmark {
  private final Limits limits = new Limits(1024, 1024 * 1024);
  private String plain = "key-00012345";
  private String escaped = "users%2Fkey%2000012345";
  private String longest = "%C3%A9".repeat(512);

  @Benchmark
  public Key plain() {
    return PathKey.decode(plain, limits);
  }

  @Benchmark
  public Key escaped() {
    return PathKey.decode(escaped, limits);
  }

  @Benchmark
  public Key longestAndEscaped() {
    return PathKey.decode(longest, limits);
  }
}
