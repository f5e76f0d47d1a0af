package io.cloudraft.kvs.operator.api;

/**
 * Rules that several fields have in common, and what they say. The API server tells of a value only
 * whether it is a "string" or an "object": an expression puts the value before the message, and so
 * does the definition by itself for each rule of a text.
 */
final class Rules {
  static final String IS_NAME =
      "self.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*$')";
  static final String NAME_NEEDED =
      "must be the name of an object: a-z, 0-9, '-' and '.', with a letter or digit at both ends";
  static final String HOST_NEEDED =
      "must be a host name of a-z, 0-9, '-' and '.', such as store.example.com; no scheme, port or path";

  private static final String ENTRY = "'%s: %s'.format([name, self[name]])";

  /** Names of labels are left to the API server: of a text without limit this would cost much. */
  private static final String OTHER_VALUES =
      "self.map(name, !self[name].matches('^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$'), "
          + ENTRY
          + ")";

  static final String ARE_LABEL_VALUES = OTHER_VALUES + " == []";
  static final String LABEL_VALUES_NEEDED =
      "values must be of letters, digits, '-', '_' and '.', with a letter or digit at both ends";
  static final String LABEL_VALUES_SAID =
      "\"%s: " + LABEL_VALUES_NEEDED + "\".format([" + OTHER_VALUES + "])";

  private static final String OURS =
      "self.filter(name, name.startsWith('kvs.cloudraft.io/') || name.startsWith('app.kubernetes.io/'))";
  static final String ARE_NOT_OURS = OURS + " == []";
  static final String OURS_TAKEN =
      "must not set kvs.cloudraft.io/ or app.kubernetes.io/ labels: by those the operator knows its own";
  static final String OURS_SAID = "\"%s: " + OURS_TAKEN + "\".format([" + OURS + "])";

  private static final String NO_QUANTITIES =
      "self.map(name, !isQuantity(string(self[name])), " + ENTRY + ")";
  static final String ARE_QUANTITIES = NO_QUANTITIES + " == []";
  static final String QUANTITIES_NEEDED = "must hold quantities such as cpu: 500m and memory: 1Gi";
  static final String QUANTITIES_SAID =
      "\"%s: " + QUANTITIES_NEEDED + "\".format([" + NO_QUANTITIES + "])";

  private static final String NEGATIVE =
      "['cpu', 'memory'].map(name, name in self && isQuantity(string(self[name])) &&"
          + " quantity(string(self[name])).isLessThan(quantity('0')), "
          + ENTRY
          + ")";
  static final String NONE_NEGATIVE = NEGATIVE + " == []";
  static final String NEGATIVE_REFUSED = "cpu and memory must not be below 0";
  static final String NEGATIVE_SAID = "\"%s: " + NEGATIVE_REFUSED + "\".format([" + NEGATIVE + "])";

  private Rules() {}
}
