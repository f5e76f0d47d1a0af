package io.cloudraft.kvs.service;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;

/** A client that sends what it is told, as slowly as it is told, by one connection. */
final class RawClient implements AutoCloseable {
  private static final int PATIENCE = (int) Duration.ofSeconds(90).toMillis();

  private final Socket socket = new Socket();
  private final InputStream in;

  /**
   * @param head from the status line to the empty line
   */
  record Answer(int status, String head, String body) {}

  RawClient(int port) throws IOException {
    this(port, 64 * 1024);
  }

  /** A client that has room for next to nothing that it does not read. */
  static RawClient withSmallWindow(int port) throws IOException {
    return new RawClient(port, 4096);
  }

  private RawClient(int port, int receiveBuffer) throws IOException {
    socket.setReceiveBufferSize(receiveBuffer);
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(PATIENCE);
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), PATIENCE);
    in = new BufferedInputStream(socket.getInputStream(), 1024);
  }

  void send(String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** Sends it unless the other side has ended the connection. */
  void trySend(String text) {
    try {
      send(text);
    } catch (IOException e) {
      // What it answered before can still be read.
    }
  }

  Answer get(String target) throws IOException {
    send("GET " + target + " HTTP/1.1\r\nHost: x\r\n\r\n");
    return read();
  }

  Answer put(String target, String value) throws IOException {
    send(
        "PUT %s HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s"
            .formatted(target, value.length(), value));
    return read();
  }

  Answer read() throws IOException {
    Answer answer = readHead();
    boolean empty = answer.status == 204 || answer.status == 304;
    byte[] body = in.readNBytes(empty ? 0 : contentLength(answer.head));
    return new Answer(answer.status, answer.head, new String(body, StandardCharsets.UTF_8));
  }

  Answer readHead() throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int next = in.read();
      if (next < 0) {
        throw new EOFException("the connection ended after: " + head);
      }
      head.append((char) next);
    }
    String lines = head.toString();
    int status = Integer.parseInt(lines.substring(9, 12));
    return new Answer(status, lines, "");
  }

  private static int contentLength(String head) {
    return head.lines()
        .map(line -> line.toLowerCase(Locale.ROOT))
        .filter(line -> line.startsWith("content-length: "))
        .mapToInt(line -> Integer.parseInt(line.substring("content-length: ".length())))
        .findFirst()
        .orElse(0);
  }

  /** All that comes until the other side ends the connection. */
  long countToTheEnd() throws IOException {
    return in.transferTo(OutputStream.nullOutputStream());
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
