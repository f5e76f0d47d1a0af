package io.cloudraft.kvs.service.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;

import io.cloudraft.kvs.service.access.Access;
import io.cloudraft.kvs.service.access.Guard;
import io.cloudraft.kvs.service.codec.ConsistencyHeader;
import io.cloudraft.kvs.service.codec.ContentType;
import io.cloudraft.kvs.service.codec.Limits;
import io.cloudraft.kvs.service.codec.RequestRefused;
import io.cloudraft.kvs.service.store.Bytes;
import io.cloudraft.kvs.service.store.Consistency;
import io.cloudraft.kvs.service.store.Key;
import io.cloudraft.kvs.service.store.Value;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.apache.tomcat.util.http.parser.Host;
import org.jspecify.annotations.Nullable;

/**
 * Reads the plainest of all requests: a GET or PUT of one key, spelt without escapes, that is there
 * from its first to its last byte, and allowed to its sender, with no header that an endpoint or
 * Tomcat looks at, but for what says of a body how long it is and of which type, and of a read how
 * old it may be.
 *
 * <p>What it does not know to be plain it leaves to the servlets, unread. For one thread.
 */
final class PlainRequest {
  /** The largest that is looked at. */
  static final int MAX_SIZE = 8 * 1024;

  private static final int MAX_HEADERS = 32;

  private static final byte[] GET = "GET /v1/kv/".getBytes(US_ASCII);
  private static final byte[] FIRST_GET = "GET /get/".getBytes(US_ASCII);
  private static final byte[] PUT = "PUT /v1/kv/".getBytes(US_ASCII);
  private static final byte[] AFTER_KEY = " HTTP/1.1\r\n".getBytes(US_ASCII);
  private static final byte[] END_OF_LINE = "\r\n".getBytes(US_ASCII);
  private static final byte[] HOST = "host".getBytes(US_ASCII);
  private static final byte[] CONTENT_LENGTH = "content-length".getBytes(US_ASCII);
  private static final byte[] AUTHORIZATION = "authorization".getBytes(US_ASCII);
  private static final byte[] CONTENT_TYPE = "content-type".getBytes(US_ASCII);
  private static final byte[] CONSISTENCY =
      ConsistencyHeader.NAME.toLowerCase(Locale.ROOT).getBytes(US_ASCII);

  /** Headers that change no answer. */
  private static final List<byte[]> OF_NO_EFFECT =
      List.of(
          "user-agent".getBytes(US_ASCII),
          "accept".getBytes(US_ASCII),
          "accept-encoding".getBytes(US_ASCII),
          "accept-language".getBytes(US_ASCII),
          "x-request-id".getBytes(US_ASCII),
          "x-real-ip".getBytes(US_ASCII),
          "x-scheme".getBytes(US_ASCII),
          "x-forwarded-for".getBytes(US_ASCII),
          "x-forwarded-host".getBytes(US_ASCII),
          "x-forwarded-port".getBytes(US_ASCII),
          "x-forwarded-proto".getBytes(US_ASCII),
          "x-forwarded-scheme".getBytes(US_ASCII));

  private static final Pattern PLAIN_HOST =
      Pattern.compile(
          "[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:([1-5]?[0-9]{1,4}|6[0-4][0-9]{3}))?");

  /** Characters that stand for themselves, and mean nothing to who resolves a path. */
  private static final boolean[] IN_KEY = new boolean[128];

  static {
    for (char c = 'a'; c <= 'z'; c++) {
      IN_KEY[c] = true;
      IN_KEY[Character.toUpperCase(c)] = true;
    }
    for (char c : "0123456789-_~:@!$'()*+,=&".toCharArray()) {
      IN_KEY[c] = true;
    }
  }

  /** What is asked for, and where. */
  enum Kind {
    GET,
    FIRST_GET,
    PUT
  }

  private final Limits limits;
  private final Guard guard;
  private final byte[] request = new byte[MAX_SIZE];

  /** Of the request that was read last, as is what follows. */
  private int end;

  private int keyStart;
  private int keyEnd;
  private int bodyStart;
  private int contentLength;
  private int typeStart;
  private int typeEnd;
  private int authorizationStart;
  private int authorizationEnd;
  private @Nullable Consistency consistency;

  /** No header is like these. */
  private byte[] knownHost = {0};

  private byte[] knownType = {0};
  private String knownTypeText = "";

  PlainRequest(Limits limits, Guard guard) {
    this.limits = limits;
    this.guard = guard;
  }

  /**
   * Reads what came by a connection since the last answer.
   *
   * @param received from position 0
   * @return null if it is not plain
   */
  @Nullable Kind read(ByteBuffer received) {
    end = received.remaining();
    received.get(received.position(), request, 0, end);
    if (startsWith(GET, 0)) {
      return isPlain(GET.length) && isPlainRead() ? Kind.GET : null;
    }
    if (startsWith(PUT, 0)) {
      return isPlain(PUT.length) && isPlainWrite() ? Kind.PUT : null;
    }
    if (startsWith(FIRST_GET, 0)) {
      return isPlain(FIRST_GET.length) && isPlainRead() ? Kind.FIRST_GET : null;
    }
    return null;
  }

  private boolean isPlain(int start) {
    keyStart = start;
    keyEnd = endOfKey(keyStart);
    int size = keyEnd - keyStart;
    return size >= 1
        && size <= limits.maxKeyBytes()
        && startsWith(AFTER_KEY, keyEnd)
        && areHeadersPlain(keyEnd + AFTER_KEY.length);
  }

  private boolean isPlainRead() {
    return contentLength < 0 && typeEnd == 0 && bodyStart == end && isAllowed(Access.READ_ONLY);
  }

  /** The whole body is there, and nothing behind it. */
  private boolean isPlainWrite() {
    return contentLength >= 0
        && contentLength == end - bodyStart
        && contentLength <= limits.maxValueBytes()
        && isTypePlain()
        && isAllowed(Access.READ_WRITE);
  }

  private boolean isAllowed(Access needed) {
    return guard.accessOf(request, authorizationStart, authorizationEnd).allows(needed);
  }

  private boolean startsWith(byte[] text, int at) {
    return at + text.length <= end
        && Arrays.equals(request, at, at + text.length, text, 0, text.length);
  }

  /** Slashes and dots are plain between other characters only: a path with others is resolved. */
  private int endOfKey(int start) {
    boolean separated = true;
    int at = start;
    for (; at < end; at++) {
      byte c = request[at];
      if (c == '/' || c == '.') {
        if (separated) {
          return start;
        }
        separated = true;
      } else if (c >= 0 && IN_KEY[c]) {
        separated = false;
      } else {
        break;
      }
    }
    return separated ? start : at;
  }

  /** Whether these are all headers, and none has an effect but those that tell of a body. */
  private boolean areHeadersPlain(int start) {
    int hosts = 0;
    contentLength = -1;
    typeStart = 0;
    typeEnd = 0;
    authorizationStart = 0;
    authorizationEnd = 0;
    consistency = null;
    int at = start;
    for (int headers = 0; at < end && request[at] != '\r' && headers < MAX_HEADERS; headers++) {
      int colon = at;
      while (colon < end && request[colon] > ' ' && request[colon] != ':') {
        colon++;
      }
      int valueEnd = colon;
      while (valueEnd < end && request[valueEnd] >= ' ' && request[valueEnd] < 0x7f) {
        valueEnd++;
      }
      if (valueEnd == colon || request[colon] != ':' || !startsWith(END_OF_LINE, valueEnd)) {
        return false;
      }
      if (isName(HOST, at, colon)) {
        hosts++;
        if (!isHostPlain(colon + 1, valueEnd)) {
          return false;
        }
      } else if (isName(CONTENT_LENGTH, at, colon)) {
        if (contentLength >= 0 || !readContentLength(colon + 1, valueEnd)) {
          return false;
        }
      } else if (isName(CONTENT_TYPE, at, colon)) {
        if (typeEnd > 0) {
          return false;
        }
        typeStart = colon + 1;
        typeEnd = valueEnd;
      } else if (isName(AUTHORIZATION, at, colon)) {
        if (authorizationEnd > 0) {
          return false;
        }
        authorizationStart = colon + 1;
        authorizationEnd = valueEnd;
      } else if (isName(CONSISTENCY, at, colon)) {
        if (consistency != null || !readConsistency(colon + 1, valueEnd)) {
          return false;
        }
      } else if (!hasNoEffect(at, colon)) {
        return false;
      }
      at = valueEnd + END_OF_LINE.length;
    }
    bodyStart = at + END_OF_LINE.length;
    return hosts == 1 && startsWith(END_OF_LINE, at);
  }

  private boolean hasNoEffect(int start, int end) {
    for (byte[] name : OF_NO_EFFECT) {
      if (isName(name, start, end)) {
        return true;
      }
    }
    return false;
  }

  /**
   * @param name in small letters
   */
  private boolean isName(byte[] name, int start, int end) {
    if (end - start != name.length) {
      return false;
    }
    for (int i = 0; i < name.length; i++) {
      byte c = request[start + i];
      if ((c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c) != name[i]) {
        return false;
      }
    }
    return true;
  }

  /** Clients of one store send one host. */
  private boolean isHostPlain(int start, int end) {
    if (Arrays.equals(request, start, end, knownHost, 0, knownHost.length)) {
      return true;
    }
    String host = text(start, end);
    if (!PLAIN_HOST.matcher(host).matches()) {
      return false;
    }
    try {
      Host.parse(host);
    } catch (IllegalArgumentException _) {
      return false;
    }
    knownHost = Arrays.copyOfRange(request, start, end);
    return true;
  }

  /** As digits, no more than a request of this size can need. */
  private boolean readContentLength(int start, int end) {
    int at = start;
    while (at < end && request[at] == ' ') {
      at++;
    }
    if (at == end || end - at > 4) {
      return false;
    }
    int length = 0;
    for (; at < end; at++) {
      int digit = request[at] - '0';
      if (digit < 0 || digit > 9) {
        return false;
      }
      length = length * 10 + digit;
    }
    contentLength = length;
    return true;
  }

  private boolean readConsistency(int start, int end) {
    try {
      consistency = ConsistencyHeader.parse(text(start, end));
      return true;
    } catch (RequestRefused _) {
      return false;
    }
  }

  /** Most clients send one type. */
  private boolean isTypePlain() {
    if (typeEnd == 0
        || Arrays.equals(request, typeStart, typeEnd, knownType, 0, knownType.length)) {
      return true;
    }
    try {
      knownTypeText = ContentType.check(text(typeStart, typeEnd), "header Content-Type");
    } catch (RequestRefused _) {
      return false;
    }
    knownType = Arrays.copyOfRange(request, typeStart, typeEnd);
    return true;
  }

  private String text(int start, int end) {
    return new String(request, start, end - start, ISO_8859_1).strip();
  }

  /** The request that was read last. */
  byte[] copy() {
    return Arrays.copyOf(request, end);
  }

  /** Of the request that was read last. */
  Key key() {
    return new Key(Bytes.wrap(Arrays.copyOfRange(request, keyStart, keyEnd)));
  }

  /** Of the GET that was read last. */
  Consistency consistency() {
    return consistency == null ? Consistency.LINEARIZABLE : consistency;
  }

  /** The body of the PUT that was read last. */
  Value value() {
    return new Value(
        typeEnd == 0 ? ContentType.BYTES : knownTypeText,
        Bytes.wrap(Arrays.copyOfRange(request, bodyStart, end)));
  }
}
