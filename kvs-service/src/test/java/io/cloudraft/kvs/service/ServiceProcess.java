package io.cloudraft.kvs.service;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The service as a process of its own. */
final class ServiceProcess implements AutoCloseable {
  private static final Pattern STARTED = Pattern.compile("serves (\\d+) keys in .* on port (\\d+)");

  /** Of the young and of the old generation of the serial collector. */
  private static final Pattern USED = Pattern.compile("total \\d+K, used (\\d+)K");

  private final Process process;

  /** The lines that it has printed and nobody has asked for; empty where it has ended. */
  private final BlockingQueue<Optional<String>> output = new LinkedBlockingQueue<>();

  private String port = "";
  private long keys;

  private ServiceProcess(Process process) {
    this.process = process;
    // All the time: with a full pipe it would stand still.
    Thread.ofPlatform().daemon().start(this::read);
  }

  private void read() {
    try (BufferedReader reader = process.inputReader(StandardCharsets.UTF_8)) {
      reader.lines().forEach(line -> output.add(Optional.of(line)));
    } catch (IOException | UncheckedIOException e) {
      output.add(Optional.of(String.valueOf(e.getMessage())));
    } finally {
      output.add(Optional.empty());
    }
  }

  private Optional<String> nextLine() throws InterruptedIOException {
    try {
      return output.take();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while waiting for a line");
    }
  }

  static String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  static ServiceProcess start(Path dataDirectory, Map<String, String> environment)
      throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
                java(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                ServiceMain.class.getName(),
                "--server.port=" + environment.getOrDefault("SERVER_PORT", "0"))
            .redirectErrorStream(true);
    builder.environment().put("KVS_DATA_DIRECTORY", dataDirectory.toString());
    builder.environment().putAll(environment);
    return new ServiceProcess(builder.start());
  }

  /** Waits until it serves, and returns what it printed until then. */
  List<String> awaitStart() throws IOException {
    List<String> lines = new ArrayList<>();
    for (Optional<String> line = nextLine(); line.isPresent(); line = nextLine()) {
      lines.add(line.get());
      Matcher matcher = STARTED.matcher(line.get());
      if (matcher.find()) {
        keys = Long.parseLong(matcher.group(1));
        port = matcher.group(2);
        return lines;
      }
    }
    throw new IOException("did not start: " + lines);
  }

  /** How many keys it had when it started. */
  long keys() {
    return keys;
  }

  /** What it has printed since it started. */
  List<String> printed() {
    List<Optional<String>> lines = new ArrayList<>();
    output.drainTo(lines);
    return lines.stream().flatMap(Optional::stream).toList();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  int port() {
    return Integer.parseInt(port);
  }

  /** Collects all garbage, and returns how many bytes of the heap are left in use. */
  long heapInUse() throws IOException, InterruptedException {
    jcmd("GC.run");
    long bytes = 0;
    Matcher used = USED.matcher(jcmd("GC.heap_info"));
    while (used.find()) {
      bytes += Long.parseLong(used.group(1)) * 1024;
    }
    return bytes;
  }

  private String jcmd(String command) throws IOException, InterruptedException {
    Process jcmd =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                Long.toString(process.pid()),
                command)
            .redirectErrorStream(true)
            .start();
    String output = new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (jcmd.waitFor() != 0) {
      throw new IOException(output);
    }
    return output;
  }

  URI uri(String path) {
    return URI.create("http://localhost:" + port + path);
  }

  void terminate() {
    process.destroy();
  }

  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  /** What it prints until it ends. */
  String outputToTheEnd() throws IOException {
    StringBuilder text = new StringBuilder();
    for (Optional<String> line = nextLine(); line.isPresent(); line = nextLine()) {
      text.append(line.get()).append('\n');
    }
    return text.toString();
  }

  int exitCode() throws InterruptedException {
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      throw new AssertionError("the service has not ended");
    }
    return process.exitValue();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
