package io.cloudraft.kvs.operator.settings;

import java.util.regex.Pattern;

/** The form of DNS names, as Kubernetes takes them (RFC 1123). */
final class HostName {
  static final int MAX_LENGTH = 253;

  private static final String LABEL = "[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?";
  private static final Pattern ONE_LABEL = Pattern.compile(LABEL);
  private static final Pattern LABELS = Pattern.compile(LABEL + "(\\." + LABEL + ")*");

  private HostName() {}

  static boolean isLabel(String name) {
    return ONE_LABEL.matcher(name).matches();
  }

  static boolean isValid(String name) {
    return name.length() <= MAX_LENGTH && LABELS.matcher(name).matches();
  }
}
