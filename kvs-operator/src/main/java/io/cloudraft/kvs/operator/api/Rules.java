package io.cloudraft.kvs.operator.api;

/** Rules that several fields have in common, and what they say. */
final class Rules {
  static final String IS_NAME =
      "self.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*$')";
  static final String NAME_NEEDED =
      "must be the name of an object: a-z, 0-9, '-' and '.', with a letter or digit at both ends";
  static final String HOST_NEEDED =
      "must be a host name of a-z, 0-9, '-' and '.', such as store.example.com; no scheme, port or path";

  /** Names of labels are left to the API server: of a text without limit this would cost much. */
  static final String ARE_LABEL_VALUES =
      "self.all(name, self[name].matches('^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$'))";

  static final String LABEL_VALUES_NEEDED =
      "values must be of letters, digits, '-', '_' and '.', with a letter or digit at both ends";

  static final String ARE_NOT_OURS =
      "self.all(name, !name.startsWith('kvs.cloudraft.io/') && !name.startsWith('app.kubernetes.io/'))";
  static final String OURS_TAKEN =
      "must not set kvs.cloudraft.io/ or app.kubernetes.io/ labels: by those the operator knows its own";

  static final String ARE_QUANTITIES = "self.all(name, isQuantity(string(self[name])))";
  static final String QUANTITIES_NEEDED = "must hold quantities such as cpu: 500m and memory: 1Gi";

  static final String NONE_NEGATIVE =
      "['cpu', 'memory'].all(name, !(name in self) || !isQuantity(string(self[name])) ||"
          + " !quantity(string(self[name])).isLessThan(quantity('0')))";
  static final String NEGATIVE_REFUSED = "cpu and memory must not be below 0";

  private Rules() {}
}
