package io.cloudraft.kvs.operator.resource;

import static java.util.Comparator.comparing;

import java.util.List;

/** Children that are not as they should be, in an order that stays the same as long as they do. */
public final class ChildrenNotApplied extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final List<ChildFailure> failures;

  public ChildrenNotApplied(List<ChildFailure> failures) {
    super(String.join(" ", sorted(failures).stream().map(Throwable::getMessage).toList()));
    this.failures = sorted(failures);
    this.failures.forEach(this::addSuppressed);
  }

  public List<ChildFailure> failures() {
    return failures;
  }

  private static List<ChildFailure> sorted(List<ChildFailure> failures) {
    return failures.stream().sorted(comparing(ChildFailure::getMessage)).toList();
  }
}
