package io.cloudraft.kvs.service.codec;

import io.cloudraft.kvs.service.store.Bytes;
import io.cloudraft.kvs.service.store.Key;
import io.cloudraft.kvs.service.store.Value;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.json.JsonFactory;

/**
 * A key and the value to set, from a JSON object with exactly these two fields.
 *
 * <p>A string is kept as its text. Any other value is kept as the JSON text that was sent,
 * character by character, so {@code 1.10} stays {@code 1.10}.
 */
public record SetRequest(Key key, Value value) {
  private static final int MAX_NESTING = 500;

  /** How long a string, a name or a number is, the size of the body limits already. */
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MAX_NESTING)
                  .maxStringLength(Integer.MAX_VALUE)
                  .maxNameLength(Integer.MAX_VALUE)
                  .maxNumberLength(Integer.MAX_VALUE)
                  .build())
          .build();

  public static SetRequest parse(ByteBuffer body, Limits limits) {
    CharBuffer text = Utf8.decode(body, "body");
    if (text.chars().allMatch(SetRequest::isJsonSpace)) {
      throw RequestRefused.malformed(
          "The body is empty: send a JSON object such as {\"key\":\"abc-1\",\"value\":\"…\"}.");
    }
    try (JsonParser json =
        JSON.createParser(ObjectReadContext.empty(), text.array(), 0, text.limit())) {
      return new Reader(json, text).read(limits);
    } catch (StreamConstraintsException e) {
      throw RequestRefused.malformed(
          "The body is nested deeper than %d levels%s."
              .formatted(MAX_NESTING, at(e.getLocation())));
    } catch (JacksonException e) {
      throw RequestRefused.malformed(
          "The body is not valid JSON%s: %s.".formatted(at(e.getLocation()), whatIsWrong(e)));
    }
  }

  private static boolean isJsonSpace(int c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
  }

  private static String at(@Nullable TokenStreamLocation location) {
    return location == null
        ? ""
        : " (line %d, column %d)".formatted(location.getLineNr(), location.getColumnNr());
  }

  /** The parser's own words, without its notes on where it read from. */
  private static String whatIsWrong(JacksonException e) {
    return e.getOriginalMessage()
        .replaceFirst("(?s) ?\\((start marker )?at \\[Source.*", "")
        .strip();
  }

  private static final class Reader {
    private final JsonParser json;
    private final CharBuffer text;
    private @Nullable String key;
    private @Nullable String value;

    Reader(JsonParser json, CharBuffer text) {
      this.json = json;
      this.text = text;
    }

    SetRequest read(Limits limits) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        throw RequestRefused.malformed(
            "The body must be a JSON object with the fields \"key\" and \"value\", not %s."
                .formatted(kind(json.currentToken())));
      }
      while (json.nextToken() != JsonToken.END_OBJECT) {
        readField(json.currentName());
      }
      if (json.nextToken() != null) {
        throw RequestRefused.malformed(
            "The body goes on after the end of its JSON object%s."
                .formatted(at(json.currentTokenLocation())));
      }
      return new SetRequest(keyWithin(limits), valueWithin(limits));
    }

    private void readField(String name) {
      switch (name) {
        case "key" -> {
          refuseRepeated(name, key);
          if (json.nextToken() != JsonToken.VALUE_STRING) {
            throw RequestRefused.malformed(
                "The field \"key\" must be a string, not %s.".formatted(kind(json.currentToken())));
          }
          key = json.getString();
        }
        case "value" -> {
          refuseRepeated(name, value);
          value = json.nextToken() == JsonToken.VALUE_STRING ? json.getString() : asSent();
        }
        default ->
            throw RequestRefused.malformed(
                "The field \"%s\" is unknown: there are \"key\" and \"value\"."
                    .formatted(Shortened.of(name)));
      }
    }

    private static void refuseRepeated(String name, @Nullable String former) {
      if (former != null) {
        throw RequestRefused.malformed("The field \"%s\" is there twice.".formatted(name));
      }
    }

    private String asSent() {
      int start = (int) json.currentTokenLocation().getCharOffset();
      json.skipChildren();
      int end = (int) json.currentLocation().getCharOffset();
      return text.subSequence(start, end).toString();
    }

    private Key keyWithin(Limits limits) {
      Bytes bytes = Utf8.encode(required("key", key), "key");
      if (bytes.isEmpty()) {
        throw RequestRefused.malformed("The key is empty: it needs at least one character.");
      }
      limits.checkKey(bytes, ErrorCode.KEY_TOO_LONG);
      return new Key(bytes);
    }

    private Value valueWithin(Limits limits) {
      Bytes bytes = Utf8.encode(required("value", value), "value");
      limits.checkValue(bytes);
      return new Value(Value.TEXT, bytes);
    }

    private static String required(String name, @Nullable String found) {
      if (found == null) {
        throw RequestRefused.malformed("The field \"%s\" is missing.".formatted(name));
      }
      return found;
    }

    private static String kind(@Nullable JsonToken token) {
      return switch (token) {
        case START_OBJECT -> "an object";
        case START_ARRAY -> "an array";
        case VALUE_STRING -> "a string";
        case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> "a number";
        case VALUE_TRUE, VALUE_FALSE -> "a boolean";
        case VALUE_NULL -> "null";
        case null, default -> "something else";
      };
    }
  }
}
