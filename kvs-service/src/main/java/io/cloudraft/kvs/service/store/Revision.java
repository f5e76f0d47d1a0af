package io.cloudraft.kvs.service.store;

/**
 * The place of a transaction in the one order of all that changed a store. The first has number 1;
 * {@link #NONE} is before it.
 */
public record Revision(long number) implements Comparable<Revision> {
  public static final Revision NONE = new Revision(0);

  public Revision {
    if (number < 0) {
      throw new IllegalArgumentException("a revision is not negative: " + number);
    }
  }

  public Revision next() {
    return new Revision(number + 1);
  }

  @Override
  public int compareTo(Revision other) {
    return Long.compare(number, other.number);
  }
}
