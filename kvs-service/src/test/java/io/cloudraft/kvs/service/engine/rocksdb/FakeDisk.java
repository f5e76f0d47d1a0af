package io.cloudraft.kvs.service.engine.rocksdb;

import java.util.concurrent.CountDownLatch;
import org.rocksdb.RocksDBException;

/** A disk in front of the real one, that stalls or fails when it is told to. */
final class FakeDisk {
  private volatile boolean broken;
  private volatile CountDownLatch released = new CountDownLatch(0);

  Committer.BatchWriter over(Committer.BatchWriter real) {
    return batch -> {
      awaitRelease();
      if (broken) {
        throw new RocksDBException("No space left on device");
      }
      real.write(batch);
    };
  }

  void breakDown() {
    broken = true;
  }

  void mend() {
    broken = false;
  }

  void hold() {
    released = new CountDownLatch(1);
  }

  void release() {
    released.countDown();
  }

  private void awaitRelease() {
    try {
      released.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
