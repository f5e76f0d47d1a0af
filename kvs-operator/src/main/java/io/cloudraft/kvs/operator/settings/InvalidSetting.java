package io.cloudraft.kvs.operator.settings;

/** A setting of the operator by which it cannot start. */
public final class InvalidSetting extends RuntimeException {
  private static final long serialVersionUID = 1;

  InvalidSetting(String variable, String value, String rule) {
    super("The environment variable %s is '%s' but %s.".formatted(variable, value, rule));
  }
}
