package io.cloudraft.kvs.service.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;

import io.cloudraft.kvs.service.store.Metadata;
import io.cloudraft.kvs.service.store.Value;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import org.apache.tomcat.util.http.FastHttpDateFormat;

/** Answers as bytes, to the byte those of the servlets. */
final class PlainAnswer {
  /** What comes before and after a value. */
  static final int MAX_HEAD = 1024;

  private static final byte[] OK = start(200);
  private static final byte[] CREATED = start(201);
  private static final byte[] E_TAG = ascii("ETag: \"");
  private static final byte[] KVS_CREATED = ascii("\"\r\nKvs-Created: ");
  private static final byte[] KVS_VERSION = ascii("\r\nKvs-Version: ");
  private static final byte[] END_OF_LINE = ascii("\r\n");
  private static final byte[] CONTENT_TYPE =
      ascii(
          "Cache-Control: %s\r\nContent-Security-Policy: %s\r\nContent-Type: "
              .formatted(ValueAnswer.CACHE_CONTROL, ValueAnswer.SECURITY_POLICY));
  private static final byte[] CONTENT_LENGTH = ascii("\r\nContent-Length: ");
  private static final byte[] NO_CONTENT = ascii("Content-Length: 0");
  private static final byte[] DATE = ascii("\r\nDate: ");
  private static final byte[] END = ascii("\r\n\r\n");

  private PlainAnswer() {}

  private static byte[] ascii(String text) {
    return text.getBytes(US_ASCII);
  }

  private static byte[] start(int status) {
    return ascii("HTTP/1.1 %d \r\nX-Content-Type-Options: nosniff\r\n".formatted(status));
  }

  /** That of {@link GetEndpoint}. */
  static void value(Value value, ByteBuffer answer) {
    answer.put(OK);
    putValue(value, answer);
  }

  /** That of {@link KvEndpoint} to a GET. */
  static void entry(Metadata metadata, Value value, ByteBuffer answer) {
    answer.put(OK);
    putMetadata(metadata, answer);
    putValue(value, answer);
  }

  /** That of {@link KvEndpoint} to a PUT. */
  static void written(int status, Metadata metadata, ByteBuffer answer) {
    answer.put(status == 201 ? CREATED : OK);
    putMetadata(metadata, answer);
    answer.put(NO_CONTENT);
    putDate(answer);
  }

  /** That of {@link Failures}. Tomcat would end some connections here, which go on. */
  static ByteBuffer problem(Problem problem) {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    try {
      Json.write(body, problem::writeTo);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    ByteBuffer answer = ByteBuffer.allocate(MAX_HEAD + body.size());
    answer.put(start(problem.code().status()));
    Failures.retryAfter(problem.code())
        .ifPresent(seconds -> answer.put(ascii("Retry-After: " + seconds + "\r\n")));
    answer.put(ascii("Content-Type: application/problem+json"));
    putLength(body.size(), answer);
    return answer.put(body.toByteArray()).flip();
  }

  private static void putMetadata(Metadata metadata, ByteBuffer answer) {
    answer.put(E_TAG);
    putNumber(metadata.modified().number(), answer);
    answer.put(KVS_CREATED);
    putNumber(metadata.created().number(), answer);
    answer.put(KVS_VERSION);
    putNumber(metadata.version(), answer);
    answer.put(END_OF_LINE);
  }

  private static void putValue(Value value, ByteBuffer answer) {
    answer.put(CONTENT_TYPE);
    answer.put(value.contentType().getBytes(ISO_8859_1));
    putLength(value.bytes().size(), answer);
    answer.put(value.bytes().array());
  }

  private static void putLength(int length, ByteBuffer answer) {
    answer.put(CONTENT_LENGTH);
    putNumber(length, answer);
    putDate(answer);
  }

  private static void putDate(ByteBuffer answer) {
    answer.put(DATE);
    answer.put(ascii(FastHttpDateFormat.getCurrentDate()));
    answer.put(END);
  }

  /**
   * @param number not negative
   */
  private static void putNumber(long number, ByteBuffer out) {
    int digits = 1;
    for (long rest = number; rest >= 10; rest /= 10) {
      digits++;
    }
    int end = out.position() + digits;
    long rest = number;
    for (int at = end - 1; at >= end - digits; at--) {
      out.put(at, (byte) ('0' + rest % 10));
      rest /= 10;
    }
    out.position(end);
  }
}
