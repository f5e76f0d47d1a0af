package io.cloudraft.kvs.service.http;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A client of {@code /v1/watch}. */
final class EventStream implements AutoCloseable {
  private final Socket socket;
  private final BufferedReader in;
  private final List<String> head = new ArrayList<>();

  /**
   * What stands between two empty lines.
   *
   * @param comment of all lines that are one
   */
  record Event(@Nullable String id, @Nullable String type, @Nullable String data, String comment) {}

  EventStream(int port, String query, String... headers) throws IOException {
    socket = new Socket("localhost", port);
    socket.setSoTimeout(30_000);
    String lines = headers.length == 0 ? "" : String.join("\r\n", headers) + "\r\n";
    socket
        .getOutputStream()
        .write(
            "GET /v1/watch%s HTTP/1.1\r\nHost: x\r\n%s\r\n"
                .formatted(query, lines)
                .getBytes(StandardCharsets.US_ASCII));
    in = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
      head.add(line);
    }
  }

  List<String> head() {
    return head;
  }

  /** The next event, or null at the end. */
  @Nullable Event next() throws IOException {
    String id = null;
    String type = null;
    String data = null;
    StringBuilder comment = new StringBuilder();
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      if (line.isEmpty()) {
        return new Event(id, type, data, comment.toString());
      } else if (line.startsWith(": ")) {
        comment.append(line.substring(2));
      } else if (line.startsWith("id: ")) {
        id = line.substring(4);
      } else if (line.startsWith("event: ")) {
        type = line.substring(7);
      } else if (line.startsWith("data: ")) {
        data = line.substring(6);
      } else if (!line.startsWith("retry: ")) {
        throw new IOException("not an event: " + line);
      }
    }
    return null;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
