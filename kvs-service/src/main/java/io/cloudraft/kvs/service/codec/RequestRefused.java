package io.cloudraft.kvs.service.codec;

import java.util.Objects;
import tools.jackson.core.JsonGenerator;

/** A request that cannot be served as it is. The message tells its sender what to change. */
public final class RequestRefused extends RuntimeException {

  /** What a program may want to know beside the code, as fields of the JSON object that says so. */
  @FunctionalInterface
  public interface Extras {
    Extras NONE = _ -> {};

    void writeTo(JsonGenerator json);
  }

  private final ErrorCode code;
  private final transient Extras extras;

  public RequestRefused(ErrorCode code, String message) {
    this(code, message, Extras.NONE);
  }

  public RequestRefused(ErrorCode code, String message, Extras extras) {
    // A stack trace would tell nothing, and cost more than the rest of the answer.
    super(message, null, false, false);
    this.code = code;
    this.extras = extras;
  }

  public static RequestRefused malformed(String message) {
    return new RequestRefused(ErrorCode.MALFORMED, message);
  }

  @Override
  public String getMessage() {
    return Objects.requireNonNull(super.getMessage());
  }

  public ErrorCode code() {
    return code;
  }

  public Extras extras() {
    return extras;
  }
}
