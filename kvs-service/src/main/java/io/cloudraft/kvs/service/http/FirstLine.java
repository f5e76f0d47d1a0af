package io.cloudraft.kvs.service.http;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.tomcat.util.net.SocketWrapperBase;

/** How a request begins that nobody has read. */
record FirstLine(String text) {
  private static final int LENGTH = 64;

  /** What a cluster asks: a store that is busy must not be taken for one that is dead. */
  private static final List<String> PROBES = List.of("/livez", "/readyz", "/metrics");

  /** Looks, and leaves it where it is. */
  static FirstLine peek(SocketWrapperBase<?> connection) {
    ByteBuffer begin = ByteBuffer.allocate(LENGTH);
    try {
      if (connection.read(false, begin) <= 0) {
        return new FirstLine("");
      }
    } catch (IOException e) {
      return new FirstLine("");
    }
    begin.flip();
    connection.unRead(begin.duplicate());
    return new FirstLine(StandardCharsets.ISO_8859_1.decode(begin).toString());
  }

  private boolean asks(String path) {
    return text.startsWith("GET " + path + " ") || text.startsWith("HEAD " + path + " ");
  }

  boolean isProbe() {
    return PROBES.stream().anyMatch(this::asks);
  }

  boolean isOfV1() {
    int path = text.indexOf(' ') + 1;
    return text.startsWith("/v1/", path);
  }
}
