package io.cloudraft.kvs.service.codec;

import io.cloudraft.kvs.service.store.Bytes;
import io.cloudraft.kvs.service.store.Key;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The parameters of a query string such as {@code prefix=abc&limit=10}, decoded once. One that is
 * unknown, repeated or not of its kind is refused by its name: a misspelt {@code limit} must not
 * become a search without one.
 */
public final class Parameters {
  private static final Parameters NONE = new Parameters(Map.of());

  private final Map<String, Bytes> values;

  private Parameters(Map<String, Bytes> values) {
    this.values = values;
  }

  /**
   * Reads a query string.
   *
   * @param query what follows the question mark, still percent-encoded; null when there is none
   * @param known the names that may occur
   */
  public static Parameters parse(@Nullable String query, List<String> known) {
    if (query == null || query.isEmpty()) {
      return NONE;
    }
    Map<String, Bytes> values = new LinkedHashMap<>();
    for (String parameter : split(query)) {
      if (!parameter.isEmpty()) {
        add(values, parameter, known);
      }
    }
    return new Parameters(values);
  }

  /** Whether a query string has the parameter, whatever else it has. */
  public static boolean isThere(@Nullable String query, String name) {
    if (query == null) {
      return false;
    }
    for (String parameter : split(query)) {
      if (name(parameter).equals(name)) {
        return true;
      }
    }
    return false;
  }

  private static String[] split(String query) {
    return query.split("&", -1);
  }

  private static String name(String parameter) {
    int equals = parameter.indexOf('=');
    String raw = equals < 0 ? parameter : parameter.substring(0, equals);
    return PercentDecoder.ofQuery().decode(raw, "name of a parameter").toString();
  }

  private static void add(Map<String, Bytes> values, String parameter, List<String> known) {
    String name = name(parameter);
    if (!known.contains(name)) {
      throw RequestRefused.malformed(
          "The parameter \"%s\" is unknown: %s.".formatted(Shortened.of(name), whatThereIs(known)));
    }
    int equals = parameter.indexOf('=');
    String rawValue = equals < 0 ? "" : parameter.substring(equals + 1);
    Bytes value = PercentDecoder.ofQuery().decode(rawValue, "parameter \"%s\"".formatted(name));
    if (values.put(name, value) != null) {
      throw RequestRefused.malformed("The parameter \"%s\" is there twice.".formatted(name));
    }
  }

  private static String whatThereIs(List<String> known) {
    return switch (known.size()) {
      case 0 -> "there are none here";
      case 1 -> "there is only " + Names.listed(known, "");
      default -> "there are " + Names.listed(known, "and");
    };
  }

  public boolean has(String name) {
    return values.containsKey(name);
  }

  /** What was given, which may be empty; nothing when the parameter is not there. */
  public Optional<Bytes> given(String name) {
    return Optional.ofNullable(values.get(name));
  }

  /** What was given; empty when the parameter is not there. */
  public Bytes text(String name) {
    return values.getOrDefault(name, Bytes.EMPTY);
  }

  /** A key, held against the limits; refused when the parameter is not there. */
  public Key key(String name, Limits limits) {
    Bytes given = values.get(name);
    if (given == null) {
      throw RequestRefused.malformed(
          "The key is missing: it follows the slash of the path, or is the parameter \"%s\"."
              .formatted(name));
    }
    return limits.key(given, "parameter \"%s\"".formatted(name), ErrorCode.KEY_TOO_LONG);
  }

  /**
   * A whole number in decimal digits.
   *
   * @param fallback when the parameter is not there
   */
  public long number(String name, long fallback, long min, long max) {
    Bytes given = values.get(name);
    if (given == null) {
      return fallback;
    }
    long number = Digits.parse(given.toString());
    if (number < min || number > max) {
      throw RequestRefused.malformed(
          "The parameter \"%s\" must be a whole number from %d to %d, not \"%s\"."
              .formatted(name, min, max, Shortened.of(given.toString())));
    }
    return number;
  }

  /** {@code true} or {@code false}; false when the parameter is not there. */
  public boolean flag(String name) {
    return oneOf(name, false, Map.of("true", true, "false", false));
  }

  /**
   * One of some words.
   *
   * @param fallback when the parameter is not there
   */
  public <T> T oneOf(String name, T fallback, Map<String, T> choices) {
    Bytes given = values.get(name);
    if (given == null) {
      return fallback;
    }
    T chosen = choices.get(given.toString());
    if (chosen == null) {
      throw RequestRefused.malformed(
          "The parameter \"%s\" must be %s, not \"%s\"."
              .formatted(
                  name,
                  Names.listed(choices.keySet().stream().sorted().toList(), "or"),
                  Shortened.of(given.toString())));
    }
    return chosen;
  }

  /** All that were given, by name, in their order. */
  Map<String, Bytes> all() {
    return values;
  }
}
