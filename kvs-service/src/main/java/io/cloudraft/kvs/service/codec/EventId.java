package io.cloudraft.kvs.service.codec;

import io.cloudraft.kvs.service.store.Revision;

/**
 * Up to where one who watches was told: all changes up to a revision; or those before it, and some
 * of its own. Written as {@code 12}, or as {@code 12.3} for the first three changes of 12.
 *
 * @param told how many of the matching changes of this revision; 0 stands for all
 */
public record EventId(Revision revision, int told) {
  /** More than any transaction changes. */
  private static final long MOST_TOLD = 999_999_999;

  /** All changes up to this one. */
  public static EventId upTo(Revision revision) {
    return new EventId(revision, 0);
  }

  /**
   * Reads what a client was told last.
   *
   * @param what names the text in messages
   */
  static EventId parse(String text, String what) {
    int point = text.indexOf('.');
    long revision = Digits.parse(point < 0 ? text : text.substring(0, point));
    long told = point < 0 ? 0 : Digits.parse(text.substring(point + 1));
    if (revision < 0
        || told < 0
        || told > MOST_TOLD
        || (point >= 0 && (told == 0 || revision == 0))) {
      throw RequestRefused.malformed(
          "The %s must be the id of an event, such as 12 or 12.3, not \"%s\"."
              .formatted(what, Shortened.of(text)));
    }
    return new EventId(new Revision(revision), (int) told);
  }

  /** The last revision of which nothing is missing. */
  public Revision whole() {
    return told == 0 ? revision : new Revision(revision.number() - 1);
  }

  @Override
  public String toString() {
    return told == 0 ? Long.toString(revision.number()) : revision.number() + "." + told;
  }
}
