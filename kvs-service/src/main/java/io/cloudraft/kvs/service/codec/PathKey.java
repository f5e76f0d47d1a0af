package io.cloudraft.kvs.service.codec;

import io.cloudraft.kvs.service.store.Bytes;
import io.cloudraft.kvs.service.store.Key;

/**
 * The key in a path such as {@code /get/a%2Fb}: all that follows, decoded once, slashes included.
 */
public final class PathKey {
  private PathKey() {}

  /**
   * Decodes a key and holds it against the limits.
   *
   * @param raw what follows the slash, still percent-encoded
   */
  public static Key decode(String raw, Limits limits) {
    if (raw.isEmpty()) {
      throw RequestRefused.malformed("The key is missing: it follows the last slash of this path.");
    }
    Bytes key = PercentDecoder.ofPath().decode(raw, "key");
    return limits.key(key, "key", ErrorCode.KEY_TOO_LONG_FOR_PATH);
  }
}
