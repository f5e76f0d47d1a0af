package io.cloudraft.kvs.service.engine.rocksdb;

import io.cloudraft.kvs.service.store.Key;
import io.cloudraft.kvs.service.store.Value;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A process of its own that writes as fast as it can, and prints each key that is acknowledged. */
final class WriterProcess implements AutoCloseable {
  private static final int WRITERS = 16;

  private final Process process;
  private final BufferedReader output;

  WriterProcess(Path directory) throws IOException {
    process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                WriterProcess.class.getName(),
                directory.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    output = process.inputReader(StandardCharsets.UTF_8);
  }

  /** The next keys that are acknowledged. */
  List<String> acknowledged(int count) throws IOException {
    List<String> keys = new ArrayList<>();
    while (keys.size() < count) {
      String key = output.readLine();
      if (key == null) {
        throw new IOException("the writer ended after " + keys);
      }
      keys.add(key);
    }
    return keys;
  }

  /** Kills the process as SIGKILL does, and returns what it had acknowledged until then. */
  List<String> kill() throws IOException, InterruptedException {
    // By its handle: the process itself would close the pipe, with what is still in it.
    process.toHandle().destroyForcibly();
    process.waitFor();
    List<String> keys = new ArrayList<>(output.lines().toList());
    if (!keys.isEmpty() && !keys.getLast().endsWith(".")) {
      // The pipe may end in the middle of a line.
      keys.removeLast();
    }
    return keys;
  }

  void pause() throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-STOP", Long.toString(process.pid())).start().waitFor();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }

  @SuppressWarnings("SystemOut") // Its output is what it is for.
  public static void main(String[] args) {
    RocksDbStore store = Stores.open(Path.of(args[0]));
    String run = Long.toString(ProcessHandle.current().pid());
    for (int w = 0; w < WRITERS; w++) {
      int writer = w;
      Thread.ofPlatform()
          .start(
              () -> {
                for (int i = 0; ; i++) {
                  String key = "%s-%d-%d.".formatted(run, writer, i);
                  store.put(Key.of(key), Value.text(key)).join();
                  System.out.println(key);
                }
              });
    }
  }
}
