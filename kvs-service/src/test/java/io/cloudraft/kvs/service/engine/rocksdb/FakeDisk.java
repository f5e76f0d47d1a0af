package io.cloudraft.kvs.service.engine.rocksdb;

import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;

/** A disk in front of the real one, that stalls or fails when it is told to. */
final class FakeDisk {
  private volatile @Nullable Status failure;
  private volatile CountDownLatch released = new CountDownLatch(0);

  Committer.BatchWriter over(Committer.BatchWriter real) {
    return batch -> {
      awaitRelease();
      Status failing = failure;
      if (failing != null) {
        throw new RocksDBException(failing.getState(), failing);
      }
      real.write(batch);
    };
  }

  void breakDown() {
    failure = new Status(Status.Code.IOError, Status.SubCode.None, "Input/output error");
  }

  void fill() {
    failure = new Status(Status.Code.IOError, Status.SubCode.NoSpace, "No space left on device");
  }

  void mend() {
    failure = null;
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
