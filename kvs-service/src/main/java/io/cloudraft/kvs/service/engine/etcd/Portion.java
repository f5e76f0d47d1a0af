package io.cloudraft.kvs.service.engine.etcd;

/** How many values to ask for at once, by how large those were that came last. For one thread. */
final class Portion {
  private final int largest;
  private final int bytes;
  private int size;

  /**
   * A portion to begin with.
   *
   * @param largest the most values, however small
   * @param bytes about so much is asked for at once
   */
  Portion(int first, int largest, int bytes) {
    this.size = first;
    this.largest = largest;
    this.bytes = bytes;
  }

  int size() {
    return size;
  }

  /** So many values at once were too much. */
  void wasTooLarge(int asked) {
    size = Math.max(1, asked / 8);
  }

  /** Notes how large so many values were together. */
  void came(int values, long theirBytes) {
    if (values > 0) {
      long fitting = bytes / Math.max(1, theirBytes / values);
      size = (int) Math.clamp(fitting, 1, Math.min(largest, 4L * size));
    }
  }
}
