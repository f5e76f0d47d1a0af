package io.cloudraft.kvs.service.codec;

import io.cloudraft.kvs.service.store.Compare;
import io.cloudraft.kvs.service.store.Key;
import io.cloudraft.kvs.service.store.Revision;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the headers {@code If-Match} and {@code If-None-Match} expect of a key, whose entity tag is
 * its revision in quotes.
 */
public record Preconditions(Optional<Compare> ifMatch, Optional<Compare> ifNoneMatch) {
  public static final Preconditions NONE = new Preconditions(Optional.empty(), Optional.empty());

  /**
   * Reads the two headers.
   *
   * @param ifMatch its value, null when it was not sent
   * @param ifNoneMatch its value, null when it was not sent
   */
  public static Preconditions parse(
      Key key, @Nullable String ifMatch, @Nullable String ifNoneMatch) {
    if (ifMatch == null && ifNoneMatch == null) {
      return NONE;
    }
    return new Preconditions(
        ifMatch == null ? Optional.empty() : Optional.of(ifMatch(key, ifMatch)),
        ifNoneMatch == null ? Optional.empty() : Optional.of(ifNoneMatch(key, ifNoneMatch)));
  }

  /** Both that were given, {@code If-Match} first. */
  public List<Compare> compares() {
    if (ifMatch.isEmpty() && ifNoneMatch.isEmpty()) {
      return List.of();
    }
    List<Compare> compares = new ArrayList<>(2);
    ifMatch.ifPresent(compares::add);
    ifNoneMatch.ifPresent(compares::add);
    return compares;
  }

  /** The header that this comparison, by its index in {@link #compares}, comes from. */
  public String header(int index) {
    return index == 0 && ifMatch.isPresent() ? "If-Match" : "If-None-Match";
  }

  private static Compare ifMatch(Key key, String header) {
    return isAny(header)
        ? new Compare.Exists(key, true)
        : new Compare.ModifiedAt(key, new Tags("If-Match", header, false).read());
  }

  private static Compare ifNoneMatch(Key key, String header) {
    return isAny(header)
        ? new Compare.Exists(key, false)
        : new Compare.NotModifiedAt(key, new Tags("If-None-Match", header, true).read());
  }

  private static boolean isAny(String header) {
    return header.strip().equals("*");
  }

  /** A list of entity tags, in the grammar of RFC 9110. */
  private static final class Tags {
    private final String name;
    private final String header;
    private final boolean weakOnes;
    private int at;

    Tags(String name, String header, boolean weakOnes) {
      this.name = name;
      this.header = header;
      this.weakOnes = weakOnes;
    }

    /** The revisions among the tags: others are legal, and no key ever has them. */
    Set<Revision> read() {
      Set<Revision> revisions = new HashSet<>();
      boolean empty = true;
      boolean separated = true;
      for (skipSpace(); at < header.length(); skipSpace()) {
        if (header.charAt(at) == ',') {
          separated = true;
          at++;
        } else if (separated) {
          addTag(revisions);
          empty = false;
          separated = false;
        } else {
          throw malformed();
        }
      }
      if (empty) {
        throw malformed();
      }
      return revisions;
    }

    private void skipSpace() {
      while (at < header.length() && (header.charAt(at) == ' ' || header.charAt(at) == '\t')) {
        at++;
      }
    }

    private void addTag(Set<Revision> revisions) {
      boolean weak = header.startsWith("W/", at);
      int open = weak ? at + 2 : at;
      int close = header.startsWith("\"", open) ? header.indexOf('"', open + 1) : -1;
      if (close < 0 || !isOpaque(header, open + 1, close)) {
        throw malformed();
      }
      if (weak && !weakOnes) {
        throw RequestRefused.malformed(
            "The header %s has the weak tag %s at position %d, and takes only strong ones: without the W/."
                .formatted(name, Shortened.of(header.substring(at, close + 1)), at + 1));
      }
      revision(header, open + 1, close).ifPresent(revisions::add);
      at = close + 1;
    }

    private static boolean isOpaque(String text, int start, int end) {
      for (int i = start; i < end; i++) {
        char c = text.charAt(i);
        if (c <= ' ' || c == '\u007f') {
          return false;
        }
      }
      return true;
    }

    private static Optional<Revision> revision(String text, int start, int end) {
      long number = Digits.parse(text, start, end, Digits.MOST);
      boolean canonical = number >= 0 && text.charAt(start) != '0';
      return canonical ? Optional.of(new Revision(number)) : Optional.empty();
    }

    private RequestRefused malformed() {
      return RequestRefused.malformed(
          "The header %s must be * or a list of revisions in quotes, such as \"12\", \"13\"; position %d of it is something else: %s"
              .formatted(name, at + 1, Shortened.of(header)));
    }
  }
}
