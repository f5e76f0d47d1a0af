package io.cloudraft.kvs.service.store;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * If all comparisons hold, the first list of operations, otherwise the second: at one moment, all
 * of it or nothing.
 *
 * <p>Either list changes a key at most once, so that a change is known by its revision and its key.
 */
public record Transaction(List<Compare> compares, List<Operation> then, List<Operation> otherwise) {
  public Transaction {
    compares = List.copyOf(compares);
    then = List.copyOf(then);
    otherwise = List.copyOf(otherwise);
    if (repeatedChange(then) >= 0 || repeatedChange(otherwise) >= 0) {
      throw new IllegalArgumentException("a transaction changes a key at most once");
    }
  }

  /** Operations without a condition. */
  public static Transaction of(Operation... operations) {
    return new Transaction(List.of(), List.of(operations), List.of());
  }

  /** The index of the first operation that changes a key again; -1 when there is none. */
  public static int repeatedChange(List<Operation> operations) {
    if (operations.size() < 2) {
      return -1;
    }
    Set<Key> changed = new HashSet<>();
    for (int i = 0; i < operations.size(); i++) {
      if (!(operations.get(i) instanceof Operation.Get) && !changed.add(operations.get(i).key())) {
        return i;
      }
    }
    return -1;
  }
}
