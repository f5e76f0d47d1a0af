package io.cloudraft.kvs.operator;

import io.cloudraft.kvs.operator.status.Verdict;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the log how each store is, and tells it once: also while the status cannot be written, and
 * the same is found again and again.
 */
final class VerdictLog {
  private static final Logger log = LoggerFactory.getLogger(VerdictLog.class);

  /** Stores that are remembered; of the one told of longest ago, a line may come twice. */
  private static final int STORES = 10_000;

  private final Map<String, Verdict> told =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Verdict> eldest) {
          return size() > STORES;
        }
      };

  void tell(ObjectMeta store, Verdict verdict) {
    if (isNew(store.getUid(), verdict)) {
      log.info(
          "{}/{}: {}: {}",
          store.getNamespace(),
          store.getName(),
          verdict.reason(),
          verdict.sentence());
    }
  }

  private synchronized boolean isNew(String uid, Verdict verdict) {
    return !verdict.equals(told.put(uid, verdict));
  }
}
