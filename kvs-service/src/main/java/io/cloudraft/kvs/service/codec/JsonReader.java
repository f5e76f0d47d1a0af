package io.cloudraft.kvs.service.codec;

import io.cloudraft.kvs.service.store.Bytes;
import java.nio.CharBuffer;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
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
 * Reads one JSON text strictly: nothing unknown, nothing twice, nothing of another type, nothing
 * after its end. Refusals name the field by its path, such as {@code then[3].value}.
 */
final class JsonReader {
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

  /** What becomes of a JSON text. */
  @FunctionalInterface
  interface Content<T> {
    T read(JsonReader json);
  }

  /** Takes one field of an object. */
  @FunctionalInterface
  interface Field {
    /**
     * Reads its value, which comes next.
     *
     * @param name the field, one of those that are known
     * @param path the same for messages
     */
    void read(String name, String path);
  }

  /** Takes one item of a list. */
  @FunctionalInterface
  interface Item<T> {
    T read(String path);
  }

  private final JsonParser json;
  private final CharBuffer text;

  private JsonReader(JsonParser json, CharBuffer text) {
    this.json = json;
    this.text = text;
  }

  /**
   * Reads a text from its beginning to its end.
   *
   * @param what names the text in messages
   * @param example how it should begin
   */
  static <T> T read(CharBuffer text, String what, String example, Content<T> content) {
    if (text.chars().allMatch(JsonReader::isSpace)) {
      throw RequestRefused.malformed(
          "The %s is empty: send a JSON object such as %s.".formatted(what, example));
    }
    try (JsonParser json =
        JSON.createParser(
            ObjectReadContext.empty(),
            text.array(),
            text.arrayOffset() + text.position(),
            text.remaining())) {
      T result = content.read(new JsonReader(json, text));
      if (json.nextToken() != null) {
        throw RequestRefused.malformed(
            "The %s goes on after the end of its JSON object%s."
                .formatted(what, at(json.currentTokenLocation())));
      }
      return result;
    } catch (StreamConstraintsException e) {
      throw RequestRefused.malformed(
          "The %s is nested deeper than %d levels%s."
              .formatted(what, MAX_NESTING, at(e.getLocation())));
    } catch (JacksonException e) {
      throw RequestRefused.malformed(
          "The %s is not valid JSON%s: %s.".formatted(what, at(e.getLocation()), whatIsWrong(e)));
    }
  }

  private static boolean isSpace(int c) {
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

  /**
   * The object that the whole text is.
   *
   * @param what names the text in messages
   */
  void wholeObject(String what, List<String> known, Field field) {
    if (json.nextToken() != JsonToken.START_OBJECT) {
      throw RequestRefused.malformed(
          "The %s must be a JSON object with the fields %s, not %s."
              .formatted(what, Names.listed(known, "and"), kind()));
    }
    fields("", known, field);
  }

  /** An object, whose path is known already, as its first token was taken. */
  private void fields(String path, List<String> known, Field field) {
    Set<String> seen = new HashSet<>();
    while (json.nextToken() != JsonToken.END_OBJECT) {
      String name = json.currentName();
      String fieldPath = path.isEmpty() ? name : path + "." + name;
      if (!known.contains(name)) {
        throw RequestRefused.malformed(
            "The field \"%s\" is unknown: there are %s."
                .formatted(Shortened.of(fieldPath), Names.listed(known, "and")));
      }
      if (!seen.add(name)) {
        throw RequestRefused.malformed("The field \"%s\" is there twice.".formatted(fieldPath));
      }
      field.read(name, fieldPath);
    }
  }

  /** A list of at most so many items. */
  <T> List<T> list(String path, int max, Item<T> item) {
    take(path, "an array", JsonToken.START_ARRAY);
    List<T> items = new ArrayList<>();
    while (json.nextToken() != JsonToken.END_ARRAY) {
      if (items.size() == max) {
        throw RequestRefused.malformed(
            "The field \"%s\" has more than %d items.".formatted(path, max));
      }
      items.add(item.read(path + "[" + items.size() + "]"));
    }
    return items;
  }

  /** An item of a list that is an object. */
  void object(String path, List<String> known, Field field) {
    if (json.currentToken() != JsonToken.START_OBJECT) {
      throw wrongType(path, "an object with the fields " + Names.listed(known, "and"));
    }
    fields(path, known, field);
  }

  String string(String path) {
    take(path, "a string", JsonToken.VALUE_STRING);
    return json.getString();
  }

  /** A string, in UTF-8. */
  Bytes utf8(String path) {
    return Utf8.encode(string(path), Names.field(path));
  }

  Bytes base64(String path) {
    try {
      return Bytes.wrap(Base64.getDecoder().decode(string(path)));
    } catch (IllegalArgumentException e) {
      throw RequestRefused.malformed(
          "The %s is not base64 (the alphabet with + and /)%s."
              .formatted(Names.field(path), e.getMessage() == null ? "" : ": " + e.getMessage()));
    }
  }

  boolean flag(String path) {
    JsonToken token = json.nextToken();
    if (token != JsonToken.VALUE_TRUE && token != JsonToken.VALUE_FALSE) {
      throw wrongType(path, "true or false");
    }
    return token == JsonToken.VALUE_TRUE;
  }

  /** A whole number from 1 on. */
  long positive(String path) {
    String digits = json.nextToken() == JsonToken.VALUE_NUMBER_INT ? json.getString() : "";
    long number = Digits.parse(digits);
    if (number < 1) {
      throw wrongType(path, "a whole number from 1 on");
    }
    return number;
  }

  /** A number of any kind, as it stands in the text. */
  String number(String path) {
    JsonToken token = json.nextToken();
    if (token != JsonToken.VALUE_NUMBER_INT && token != JsonToken.VALUE_NUMBER_FLOAT) {
      throw wrongType(path, "a number");
    }
    return json.getString();
  }

  /** A string as its text; anything else as it stands in the text, to the letter. */
  Bytes stringOrJson(String path) {
    if (json.nextToken() == JsonToken.VALUE_STRING) {
      return Utf8.encode(json.getString(), Names.field(path));
    }
    int start = (int) json.currentTokenLocation().getCharOffset();
    json.skipChildren();
    int end = (int) json.currentLocation().getCharOffset();
    return Bytes.utf8(text.subSequence(start, end).toString());
  }

  private void take(String path, String expected, JsonToken token) {
    if (json.nextToken() != token) {
      throw wrongType(path, expected);
    }
  }

  private RequestRefused wrongType(String path, String expected) {
    return RequestRefused.malformed(
        "The %s must be %s, not %s.".formatted(Names.field(path), expected, kind()));
  }

  private String kind() {
    JsonToken token = json.currentToken();
    return switch (token) {
      case START_OBJECT -> "an object";
      case START_ARRAY -> "an array";
      case VALUE_STRING -> "a string";
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> "the number " + Shortened.of(json.getString());
      case VALUE_TRUE -> "true";
      case VALUE_FALSE -> "false";
      case VALUE_NULL -> "null";
      case null, default -> "something else";
    };
  }
}
