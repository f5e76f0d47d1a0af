package io.cloudraft.kvs.operator.settings;

/**
 * A KvStore that asks for what cannot be, beyond what the API server refuses by the rules of the
 * definition. Only a change of the resource, or of the operator's settings, mends it.
 */
public final class InvalidSpec extends RuntimeException {
  private static final long serialVersionUID = 1;

  /**
   * @param field path of the field, such as {@code spec.ingress.host}
   * @param value what it holds, or what the default came to
   * @param rule what it must be, as the rest of a sentence: "must be …"
   */
  public InvalidSpec(String field, Object value, String rule) {
    super("%s is '%s' but %s.".formatted(field, value, rule));
  }
}
