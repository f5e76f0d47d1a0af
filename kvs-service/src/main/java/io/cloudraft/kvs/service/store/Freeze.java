package io.cloudraft.kvs.service.store;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Why a store takes no writes although it could: it is on its way to another store, or was moved
 * there.
 *
 * @param attempt tells this attempt to move it from all others
 * @param target where to
 * @param moved whether all of it is there
 */
public record Freeze(String attempt, String target, boolean moved) {
  private static final Pattern WRITTEN = Pattern.compile("(moving|moved) (\\S+) (\\S+)");

  public Freeze {
    if (!"%s %s".formatted(attempt, target).matches("\\S+ \\S+")) {
      throw new IllegalArgumentException("neither has spaces: " + attempt + ", " + target);
    }
  }

  /** The same attempt, at its end. */
  public Freeze done() {
    return new Freeze(attempt, target, true);
  }

  /** As it is kept beside the data. */
  public Bytes encode() {
    return Bytes.utf8("%s %s %s".formatted(moved ? "moved" : "moving", attempt, target));
  }

  /**
   * What was kept.
   *
   * @throws IllegalArgumentException if these bytes are something else
   */
  public static Freeze decode(Bytes written) {
    Matcher matcher = WRITTEN.matcher(written.toString());
    if (!matcher.matches()) {
      throw new IllegalArgumentException("\"" + written + "\" is no freeze");
    }
    return new Freeze(matcher.group(2), matcher.group(3), matcher.group(1).equals("moved"));
  }
}
