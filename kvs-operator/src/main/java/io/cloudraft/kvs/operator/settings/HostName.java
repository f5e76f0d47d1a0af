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

  /** A host name of a store, as the field has it or the default came to. */
  static void check(String field, String name) {
    if (!isValid(name)) {
      throw new InvalidSpec(
          field,
          name,
          "must be a host name of at most 253 characters, no part longer than 63; set one, or shorten the name of"
              + " the KvStore or the operator's "
              + OperatorSettings.INGRESS_DOMAIN);
    }
  }

  static boolean isValid(String name) {
    return name.length() <= MAX_LENGTH && LABELS.matcher(name).matches();
  }
}
