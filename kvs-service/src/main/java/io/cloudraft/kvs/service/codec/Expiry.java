package io.cloudraft.kvs.service.codec;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;

/** From when on a key does not exist any more: as seconds from now, and as a moment. */
public final class Expiry {
  public static final long MAX_TTL_SECONDS = 3_153_600_000L;

  private static final int FRACTION_DIGITS = 3;

  /** More than any time to live has, in seconds. */
  private static final int MAX_DIGITS = 12;

  /** What the order of deadlines begins with. */
  private static final Instant FIRST = Instant.EPOCH;

  /** The last moment that has a form. */
  private static final Instant LAST = Instant.parse("9999-12-31T23:59:59.999Z");

  private static final DateTimeFormatter RFC_3339 =
      new DateTimeFormatterBuilder().appendInstant(FRACTION_DIGITS).toFormatter();

  private Expiry() {}

  /** RFC 3339 in UTC with milliseconds, such as {@code 2026-01-31T12:00:00.000Z}. */
  public static String format(Instant expires) {
    return RFC_3339.format(expires);
  }

  /**
   * Reads such a moment, also with another offset or other decimals. What is before 1970 is as much
   * in the past as its first moment, which is given in its place.
   *
   * @param what names the text in messages
   */
  public static Instant parse(String text, String what) {
    try {
      OffsetDateTime moment = OffsetDateTime.parse(text);
      // Rounded up, so that nothing is gone before its time.
      Instant expires = Instant.ofEpochMilli(moment.toInstant().plusNanos(999_999).toEpochMilli());
      if (moment.getYear() >= 0 && !expires.isAfter(LAST)) {
        return expires.isBefore(FIRST) ? FIRST : expires;
      }
      throw noMoment(text, what);
    } catch (DateTimeException | ArithmeticException e) {
      throw noMoment(text, what);
    }
  }

  private static RequestRefused noMoment(String text, String what) {
    return RequestRefused.malformed(
        "The %s must be a moment as in RFC 3339, such as \"2026-01-31T12:00:00.000Z\", not \"%s\"."
            .formatted(what, Shortened.of(text)));
  }

  /**
   * Reads a time to live: seconds in decimal digits, at most three of them after the point.
   *
   * @param what names the text in messages
   */
  public static Duration parseTtl(String text, String what) {
    int point = text.indexOf('.');
    int end = point < 0 ? text.length() : point;
    int fraction = text.length() - end - 1;
    boolean wellFormed =
        point < 0 ? end > 0 : end > 0 && fraction >= 1 && fraction <= FRACTION_DIGITS;
    long millis = wellFormed ? 1000 * Digits.parse(text, 0, end, MAX_DIGITS) : -1;
    if (millis >= 0 && point >= 0) {
      long decimals = Digits.parse(text, point + 1, text.length(), FRACTION_DIGITS);
      long scale = fraction == 1 ? 100 : fraction == 2 ? 10 : 1;
      millis = decimals < 0 ? -1 : millis + scale * decimals;
    }
    if (millis < 1 || millis > 1000 * MAX_TTL_SECONDS) {
      throw RequestRefused.malformed(
          "The %s must be seconds from 0.001 to %d with at most %d decimals, not \"%s\"."
              .formatted(what, MAX_TTL_SECONDS, FRACTION_DIGITS, Shortened.of(text)));
    }
    return Duration.ofMillis(millis);
  }
}
