package io.cloudraft.kvs.operator.e2e;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.internal.SSLUtils;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The API server on a bad day: a proxy in front of it that refuses, breaks off before and after
 * what was asked is done, and cuts watches. Each request has a connection of its own, so that one
 * can be broken without the others.
 */
final class FaultyApiServer implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(FaultyApiServer.class);
  private static final Pattern LENGTH = Pattern.compile("(?im)^content-length: *([0-9]+)");

  private static final double SHARE = 0.35;
  private static final int LONGEST_WATCH_MILLIS = 3000;

  private enum Fault {
    REFUSED_409,
    REFUSED_410,
    REFUSED_429,
    REFUSED_500,
    REFUSED_503,
    BROKEN_BEFORE,
    BROKEN_AFTER,
    WATCH_CUT;

    boolean isRefusal() {
      return name().startsWith("REFUSED_");
    }

    String code() {
      return name().substring("REFUSED_".length());
    }
  }

  private static final List<Fault> OF_READS =
      List.of(Fault.REFUSED_429, Fault.REFUSED_500, Fault.REFUSED_503, Fault.BROKEN_BEFORE);
  private static final List<Fault> OF_WRITES =
      List.of(
          Fault.REFUSED_409,
          Fault.REFUSED_429,
          Fault.REFUSED_500,
          Fault.BROKEN_BEFORE,
          Fault.BROKEN_AFTER);
  private static final List<Fault> OF_WATCHES =
      List.of(Fault.REFUSED_410, Fault.REFUSED_429, Fault.REFUSED_500, Fault.BROKEN_BEFORE);

  private final ServerSocket server;
  private final URI behind;
  private final SSLSocketFactory tls;
  private final Random random;
  private final Map<Fault, Integer> made = new TreeMap<>();
  private final ExecutorService connections = Executors.newVirtualThreadPerTaskExecutor();
  private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
  private volatile boolean faulty = true;

  FaultyApiServer(Config config, long seed) {
    behind = URI.create(config.getMasterUrl());
    random = new Random(seed);
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      // Without the certificate of the test's own user: who asks is told by the token.
      context.init(null, SSLUtils.trustManagers(config), null);
      tls = context.getSocketFactory();
      server = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    connections.execute(this::accept);
  }

  String url() {
    return "http://localhost:" + server.getLocalPort();
  }

  /** From now on it is as good as the one behind it. */
  void heal() {
    faulty = false;
  }

  /** How often each fault was made. */
  synchronized String faults() {
    return made.toString();
  }

  synchronized boolean hasMadeAll() {
    return made.size() == Fault.values().length;
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket client = server.accept();
        connections.execute(() -> serve(client));
      } catch (IOException e) {
        log.debug("no longer accepts", e);
      }
    }
  }

  private void serve(Socket client) {
    try (client) {
      String head = head(client.getInputStream());
      String request = head.lines().findFirst().orElse("");
      byte[] body = client.getInputStream().readNBytes(length(head));
      boolean watch = request.contains("watch=true");
      Optional<Fault> fault =
          faultOf(watch ? OF_WATCHES : request.startsWith("GET ") ? OF_READS : OF_WRITES);
      Optional<String> refused = fault.filter(Fault::isRefusal).map(Fault::code);
      if (refused.isPresent()) {
        client.getOutputStream().write(refusal(refused.get()));
      } else if (!fault.equals(Optional.of(Fault.BROKEN_BEFORE))) {
        pass(client, head, body, watch, fault.isPresent());
      }
    } catch (IOException e) {
      log.debug("a connection broke", e);
    }
  }

  private void pass(Socket client, String head, byte[] body, boolean watch, boolean breakAfter)
      throws IOException {
    try (Socket upstream = tls.createSocket(behind.getHost(), port())) {
      upstream.getOutputStream().write(alone(head).getBytes(ISO_8859_1));
      upstream.getOutputStream().write(body);
      if (breakAfter) {
        upstream.getInputStream().read(); // What was asked is done when the answer begins.
        return;
      }
      if (watch) {
        if (faulty) {
          cutLater(client, upstream);
        }
        connections.execute(() -> copy(client, upstream));
      }
      copy(upstream, client);
    }
  }

  private void cutLater(Socket client, Socket upstream) {
    int millis;
    synchronized (this) {
      millis = random.nextInt(LONGEST_WATCH_MILLIS);
    }
    var _ =
        clock.schedule(
            () -> {
              count(Fault.WATCH_CUT);
              close(client);
              close(upstream);
            },
            millis,
            TimeUnit.MILLISECONDS);
  }

  private int port() {
    return behind.getPort() == -1 ? 443 : behind.getPort();
  }

  private synchronized Optional<Fault> faultOf(List<Fault> kinds) {
    if (!faulty || random.nextDouble() > SHARE) {
      return Optional.empty();
    }
    Fault fault = kinds.get(random.nextInt(kinds.size()));
    count(fault);
    return Optional.of(fault);
  }

  private synchronized void count(Fault fault) {
    made.merge(fault, 1, Integer::sum);
  }

  /** An upgraded connection is alone anyway. */
  private static String alone(String head) {
    return head.toLowerCase(Locale.ROOT).contains("\nupgrade:")
        ? head
        : head.replaceAll("(?im)^connection:.*\r\n", "")
            .replaceFirst("\r\n\r\n$", "\r\nConnection: close\r\n\r\n");
  }

  private static byte[] refusal(String code) {
    String status =
        "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\",\"message\":\"a fault that the test made\",\"code\":%s}"
            .formatted(code);
    return "HTTP/1.1 %s Fault\r\nContent-Type: application/json\r\nRetry-After: 1\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s"
        .formatted(code, status.length(), status)
        .getBytes(ISO_8859_1);
  }

  private static String head(InputStream in) throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    int newlines = 0;
    while (newlines < 4) {
      int next = in.read();
      if (next == -1) {
        throw new IOException("the client went away");
      }
      head.write(next);
      newlines = next == '\r' || next == '\n' ? newlines + 1 : 0;
    }
    return head.toString(ISO_8859_1);
  }

  private static int length(String head) {
    var length = LENGTH.matcher(head);
    return length.find() ? Integer.parseInt(length.group(1)) : 0;
  }

  private static void copy(Socket from, Socket to) {
    try {
      from.getInputStream().transferTo(to.getOutputStream());
    } catch (IOException e) {
      log.debug("cut", e);
    } finally {
      close(from);
      close(to);
    }
  }

  private static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      log.debug("was closed already", e);
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    clock.shutdownNow();
    connections.shutdownNow();
  }
}
