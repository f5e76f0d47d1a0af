package io.cloudraft.kvs.service.migration;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.cloudraft.kvs.service.codec.EntryJson;
import io.cloudraft.kvs.service.codec.ImportLine;
import io.cloudraft.kvs.service.codec.Limits;
import io.cloudraft.kvs.service.codec.LineReader;
import io.cloudraft.kvs.service.codec.RequestRefused;
import io.cloudraft.kvs.service.store.Entry;
import io.cloudraft.kvs.service.store.Key;
import io.cloudraft.kvs.service.store.Operation;
import io.cloudraft.kvs.service.store.Revision;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.core.json.JsonFactory;

/**
 * The store that another one is moved to, by its HTTP interface. What it does not take at once is
 * sent again for a while: to put or delete the same twice does no harm.
 */
public final class Target {
  /** In one transaction: an engine may need five operations for each, and take 128. */
  private static final int MAX_DELETES = 25;

  private static final int MAX_PAGE = 1000;

  private static final int CONNECT_MILLIS = 5_000;
  private static final int READ_MILLIS = 30_000;
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /**
   * A Service leads to a pod that is ready a moment later, as each node has to hear of it; and who
   * has mistyped an address does not want to wait for long.
   */
  private static final Duration FIRST_PATIENCE = Duration.ofSeconds(10);

  private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(2);

  /** A write whose answer did not come is done by then, or never. */
  private static final Duration LATEST_EFFECT = Duration.ofSeconds(10);

  private static final Set<Integer> PASSING = Set.of(408, 429, 502, 503, 504);

  /** Larger than any store allows. */
  private static final Limits ANY = new Limits(8192, 16 * 1024 * 1024);

  private static final JsonFactory JSON =
      JsonFactory.builder().disable(StreamWriteFeature.AUTO_CLOSE_TARGET).build();

  private final String url;
  private final Optional<String> token;
  private long doubtfulUntil = System.nanoTime();

  private Target(String url, Optional<String> token) {
    this.url = url;
    this.token = token;
  }

  /**
   * The store with this address.
   *
   * @param token by which it knows who may write, where it asks for one
   * @throws MigrationFailure if that is none
   */
  public static Target at(String url, Optional<String> token) {
    try {
      URI uri = new URI(url);
      if (uri.getHost() != null
          && uri.getScheme() != null
          && uri.getScheme().matches("https?")
          && uri.getRawUserInfo() == null
          && uri.getRawQuery() == null
          && uri.getRawFragment() == null) {
        return new Target(url.replaceAll("/+$", ""), token);
      }
    } catch (URISyntaxException e) {
      // Told below.
    }
    throw new MigrationFailure(
        "\"%s\" is not the address of a store, such as http://demo-etcd:8000.".formatted(url));
  }

  public String url() {
    return url;
  }

  /**
   * What it says of itself.
   *
   * @param keys some of its keys; none if it is empty
   */
  record State(Revision revision, List<Key> keys) {
    State {
      keys = List.copyOf(keys);
    }
  }

  State state() throws InterruptedException {
    return state(PATIENCE);
  }

  /** The same, for one that was not heard of yet. */
  State firstState() throws InterruptedException {
    return state(FIRST_PATIENCE);
  }

  private State state(Duration patience) throws InterruptedException {
    byte[] page = send("GET", "/v1/kv?limit=" + MAX_PAGE, null, patience);
    long revision = -1;
    List<Key> keys = new ArrayList<>();
    try (JsonParser json = JSON.createParser(ObjectReadContext.empty(), page)) {
      json.nextToken();
      while (json.nextToken() == JsonToken.PROPERTY_NAME) {
        String name = json.currentName();
        JsonToken value = json.nextToken();
        if (name.equals("revision") && value == JsonToken.VALUE_NUMBER_INT) {
          revision = json.getLongValue();
        } else if (name.equals("items") && value == JsonToken.START_ARRAY) {
          while (json.nextToken() == JsonToken.START_OBJECT) {
            keys.add(keyOfItem(json));
          }
        } else {
          json.skipChildren();
        }
      }
    } catch (JacksonException e) {
      revision = -1;
    }
    if (revision < 0) {
      throw new MigrationFailure(
          "%s answers, but not as a store of this kind: is that its address?".formatted(url));
    }
    return new State(new Revision(revision), keys);
  }

  private static Key keyOfItem(JsonParser json) {
    Key key = null;
    while (json.nextToken() == JsonToken.PROPERTY_NAME) {
      boolean isKey = json.currentName().equals("key");
      json.nextToken();
      if (isKey) {
        key = Key.of(json.getString());
      } else {
        json.skipChildren();
      }
    }
    if (key == null) {
      throw new MigrationFailure("An item of the page has no key.");
    }
    return key;
  }

  /** Puts all of them. */
  void put(Map<Key, Entry> entries) throws InterruptedException {
    if (entries.isEmpty()) {
      return;
    }
    ByteArrayOutputStream lines = new ByteArrayOutputStream();
    entries.forEach(
        (key, entry) -> {
          try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), lines)) {
            EntryJson.write(json, key, entry);
          }
          lines.write('\n');
        });
    byte[] answer = send("POST", "/v1/import", lines.toByteArray(), PATIENCE);
    String imported = field(answer, "imported");
    if (!String.valueOf(entries.size()).equals(imported)) {
      throw new MigrationFailure("%s took %s of %d keys.".formatted(url, imported, entries.size()));
    }
  }

  /** Deletes those of them that are there. */
  void delete(List<Key> keys) throws InterruptedException {
    for (int from = 0; from < keys.size(); from += MAX_DELETES) {
      List<Key> some = keys.subList(from, Math.min(keys.size(), from + MAX_DELETES));
      ByteArrayOutputStream body = new ByteArrayOutputStream();
      try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), body)) {
        json.writeStartObject();
        json.writeArrayPropertyStart("then");
        for (Key key : some) {
          json.writeStartObject();
          json.writeStringProperty("op", "delete");
          json.writeStringProperty("key", key.toString());
          json.writeEndObject();
        }
        json.writeEndArray();
        json.writeEndObject();
      }
      send("POST", "/v1/txn", body.toByteArray(), PATIENCE);
    }
  }

  /** Waits until a write whose answer did not come can have no effect any more. */
  void settle() throws InterruptedException {
    long nanos = doubtfulUntil - System.nanoTime();
    if (nanos > 0) {
      Thread.sleep(Duration.ofNanos(nanos));
    }
  }

  /** Sends it until it is answered with success, and returns the answer. */
  private byte[] send(String method, String path, byte @Nullable [] body, Duration patience)
      throws InterruptedException {
    long deadline = System.nanoTime() + patience.toNanos();
    Duration pause = FIRST_PAUSE;
    while (true) {
      String reason;
      try {
        HttpURLConnection connection = connect(method, path, body);
        int status = connection.getResponseCode();
        byte[] answer = readAll(connection, status);
        if (status == HttpURLConnection.HTTP_OK) {
          return answer;
        }
        reason = reason(status, answer);
        if (!PASSING.contains(status) || "store_frozen".equals(field(answer, "code"))) {
          throw new MigrationFailure("%s answers %s".formatted(url, reason));
        }
      } catch (IOException e) {
        reason = e.toString();
      }
      if (body != null) {
        doubtfulUntil = System.nanoTime() + LATEST_EFFECT.toNanos();
      }
      if (System.nanoTime() > deadline) {
        throw new MigrationFailure(
            "%s gave no good answer for %d s: %s".formatted(url, patience.toSeconds(), reason));
      }
      Thread.sleep(pause);
      pause =
          pause.multipliedBy(2).compareTo(LONGEST_PAUSE) > 0
              ? LONGEST_PAUSE
              : pause.multipliedBy(2);
    }
  }

  private HttpURLConnection connect(String method, String path, byte @Nullable [] body)
      throws IOException {
    if (!(URI.create(url + path).toURL().openConnection()
        instanceof HttpURLConnection connection)) {
      throw new IllegalStateException("no HTTP: " + url);
    }
    connection.setRequestMethod(method);
    connection.setConnectTimeout(CONNECT_MILLIS);
    connection.setReadTimeout(READ_MILLIS);
    connection.setInstanceFollowRedirects(false);
    token.ifPresent(set -> connection.setRequestProperty("Authorization", "Bearer " + set));
    if (body != null) {
      connection.setDoOutput(true);
      connection.setRequestProperty("Content-Type", "application/json");
      connection.setFixedLengthStreamingMode(body.length);
      connection.getOutputStream().write(body);
    }
    return connection;
  }

  private static byte[] readAll(HttpURLConnection connection, int status) throws IOException {
    InputStream in = status < 400 ? connection.getInputStream() : connection.getErrorStream();
    if (in == null) {
      return new byte[0];
    }
    try (in) {
      return in.readAllBytes();
    }
  }

  private static String reason(int status, byte[] answer) {
    String detail = field(answer, "detail");
    return "%d: %s".formatted(status, detail == null ? new String(answer, UTF_8).strip() : detail);
  }

  /** The field of a JSON object; null if there is none, or the text is something else. */
  private static @Nullable String field(byte[] text, String name) {
    try (JsonParser json = JSON.createParser(ObjectReadContext.empty(), text)) {
      json.nextToken();
      while (json.nextToken() == JsonToken.PROPERTY_NAME) {
        String found = json.currentName();
        json.nextToken();
        if (found.equals(name)) {
          return json.getString();
        }
        json.skipChildren();
      }
      return null;
    } catch (JacksonException e) {
      return null;
    }
  }

  /** All that is in it, in the order of the keys. */
  Export export() {
    try {
      HttpURLConnection connection = connect("GET", "/v1/export", null);
      int status = connection.getResponseCode();
      if (status != HttpURLConnection.HTTP_OK) {
        throw new MigrationFailure(
            "%s cannot be read: %s".formatted(url, reason(status, readAll(connection, status))));
      }
      return new Export(connection.getInputStream());
    } catch (IOException e) {
      throw broken(e);
    }
  }

  private MigrationFailure broken(IOException e) {
    return new MigrationFailure("%s cannot be read: %s".formatted(url, e));
  }

  /** Its items, one after the other. */
  final class Export implements AutoCloseable {
    private final InputStream in;
    private final LineReader lines;

    private Export(InputStream in) {
      this.in = in;
      this.lines = new LineReader(in, ANY.maxBodyBytes());
    }

    /** The next item; nothing at the end. */
    Optional<Operation.Put> next() {
      try {
        while (true) {
          ByteBuffer line = lines.next();
          if (line == null) {
            throw new MigrationFailure("What %s tells of its keys broke off.".formatted(url));
          }
          switch (ImportLine.parse(line, ANY)) {
            case ImportLine.Begin _ -> {
              // The first item follows.
            }
            case ImportLine.Item(Operation.Put put) -> {
              return Optional.of(put);
            }
            case ImportLine.End _ -> {
              return Optional.empty();
            }
          }
        }
      } catch (RequestRefused e) {
        throw new MigrationFailure(
            "%s tells of its keys in a form that is not understood: %s"
                .formatted(url, e.getMessage()));
      } catch (IOException e) {
        throw broken(e);
      }
    }

    @Override
    public void close() {
      try {
        in.close();
      } catch (IOException e) {
        throw broken(e);
      }
    }
  }
}
