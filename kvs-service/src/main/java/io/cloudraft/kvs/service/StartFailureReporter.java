package io.cloudraft.kvs.service;

import io.cloudraft.kvs.service.access.UnusableTokens;
import io.cloudraft.kvs.service.store.StoreCannotOpen;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.SpringBootExceptionReporter;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/** Says in one line why the service does not start, where that is for its operator to mend. */
@Order(Ordered.HIGHEST_PRECEDENCE)
final class StartFailureReporter implements SpringBootExceptionReporter {
  private static final Logger log = LoggerFactory.getLogger(StartFailureReporter.class);

  @Override
  public boolean reportException(Throwable failure) {
    for (@Nullable Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof InvalidSetting
          || cause instanceof StoreCannotOpen
          || cause instanceof UnusableTokens) {
        log.error("{}", cause.getMessage());
        return true;
      }
    }
    return false;
  }
}
