package io.cloudraft.kvs.operator.settings;

import io.fabric8.kubernetes.api.model.Quantity;

/** Reads Kubernetes quantities as users write them. */
final class Quantities {
  private Quantities() {}

  static Quantity parse(String field, String value) {
    try {
      return checked(field, new Quantity(value));
    } catch (IllegalArgumentException e) {
      throw invalid(field, value);
    }
  }

  static Quantity checked(String field, Quantity quantity) {
    try {
      quantity.getNumericalAmount();
      return quantity;
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw invalid(field, quantity);
    }
  }

  private static InvalidSpec invalid(String field, Object value) {
    return new InvalidSpec(field, value, "must be a quantity such as 500m, 512Mi or 1Gi");
  }
}
