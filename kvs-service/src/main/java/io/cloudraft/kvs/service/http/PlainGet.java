package io.cloudraft.kvs.service.http;

import io.cloudraft.kvs.service.store.Consistency;
import io.cloudraft.kvs.service.store.Entry;
import io.cloudraft.kvs.service.store.Key;
import io.cloudraft.kvs.service.store.KeyValueStore;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Answers a GET that is a {@link PlainRequest} of a key that is there, as {@link KvEndpoint} and
 * {@link GetEndpoint} do, at a fraction of the cost.
 *
 * <p>It never refuses: what is not there, or not so plain, it leaves to the servlets. So rules and
 * errors exist once.
 */
final class PlainGet {
  private static final int MAX_VALUE = 8 * 1024;
  static final int MAX_ANSWER = MAX_VALUE + PlainAnswer.MAX_HEAD;

  private final KeyValueStore store;

  PlainGet(KeyValueStore store) {
    this.store = store;
  }

  /**
   * Writes the whole answer, or nothing.
   *
   * @return the name of the endpoint; null if there is nothing to answer here
   */
  @Nullable String answer(PlainRequest.Kind kind, Key key, ByteBuffer answer) {
    Entry entry = find(key);
    if (entry == null) {
      return null;
    }
    if (kind == PlainRequest.Kind.FIRST_GET) {
      PlainAnswer.value(entry.value(), answer);
      return GetEndpoint.NAME;
    }
    PlainAnswer.entry(entry.metadata(), entry.value(), answer);
    return KvEndpoint.NAME;
  }

  /**
   * Asks a store that is not local for the entry, and has it sent, as {@link KvEndpoint} does.
   *
   * @param request all of it, for the servlet where that has to answer
   */
  void ask(Key key, Consistency consistency, byte[] request, Exchange exchange) {
    var _ =
        store
            .getAsync(key, consistency)
            .whenComplete(
                (found, failure) -> {
                  if (found == null) {
                    exchange.fail(KvEndpoint.NAME, failure);
                  } else if (found.filter(PlainGet::isPlain).isEmpty()) {
                    exchange.giveBack(request);
                  } else {
                    Entry entry = found.get();
                    ByteBuffer answer =
                        ByteBuffer.allocate(PlainAnswer.MAX_HEAD + entry.value().bytes().size());
                    PlainAnswer.entry(entry.metadata(), entry.value(), answer);
                    exchange.answer(KvEndpoint.NAME, 200, answer.flip());
                  }
                });
  }

  private @Nullable Entry find(Key key) {
    try {
      return store.get(key).filter(PlainGet::isPlain).orElse(null);
    } catch (RuntimeException _) {
      // The servlet meets it too, and answers it.
      return null;
    }
  }

  private static boolean isPlain(Entry entry) {
    return entry.metadata().expires().isEmpty() && entry.value().bytes().size() <= MAX_VALUE;
  }
}
