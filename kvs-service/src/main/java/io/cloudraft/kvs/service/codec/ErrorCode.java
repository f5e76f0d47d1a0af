package io.cloudraft.kvs.service.codec;

import java.util.Locale;

/**
 * Why a request was not served. Programs decide by it, so a code that was published keeps its
 * meaning and its status.
 */
public enum ErrorCode {
  MALFORMED(400),
  CURSOR_INVALID(400),
  READS_TOO_MUCH(400),
  KEY_TOO_LONG(400),
  /** The same mistake where the key is a part of the path, for which HTTP has a status. */
  KEY_TOO_LONG_FOR_PATH(414, "key_too_long"),
  UNAUTHORIZED(401),
  FORBIDDEN(403),
  KEY_NOT_FOUND(404),
  UNKNOWN_PATH(404),
  METHOD_NOT_ALLOWED(405),
  TIMEOUT(408),
  COMPARE_FAILED(409),
  CURSOR_EXPIRED(410),
  HISTORY_COMPACTED(410),
  PRECONDITION_FAILED(412),
  VALUE_TOO_LARGE(413),
  BODY_TOO_LARGE(413),
  TRANSACTION_TOO_LARGE(413),
  EXPECTATION_FAILED(417),
  BUSY(429),
  TOO_MANY_BODIES(429),
  TOO_MANY_REQUESTS(429),
  TOO_MANY_WATCHES(429),
  HEADERS_TOO_LARGE(431),
  INTERNAL(500),
  DAMAGED(500),
  NOT_IMPLEMENTED(501),
  DISK_FULL(503),
  NOT_WRITABLE(503),
  OVERLOADED(503),
  UNAVAILABLE(503),
  OUTCOME_UNKNOWN(503),
  STORE_FROZEN(503),
  SHUTTING_DOWN(503),
  HTTP_VERSION_NOT_SUPPORTED(505);

  private final int status;
  private final String text;

  ErrorCode(int status) {
    this.status = status;
    this.text = name().toLowerCase(Locale.ROOT);
  }

  ErrorCode(int status, String text) {
    this.status = status;
    this.text = text;
  }

  /** The HTTP status that it is answered with. */
  public int status() {
    return status;
  }

  /** The code as it stands in answers. */
  public String text() {
    return text;
  }
}
