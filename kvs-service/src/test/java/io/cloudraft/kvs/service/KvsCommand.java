package io.cloudraft.kvs.service;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The command of the image as a process, with the arguments for java that it has there. */
final class KvsCommand {
  /** What the argument file says, with the classes that it names there. */
  private static final List<String> OPTIONS = options();

  private KvsCommand() {}

  private static List<String> options() {
    try (var lines = Files.lines(Path.of("src/main/jib/app/kvs"))) {
      return lines
          .filter(line -> !line.startsWith("#"))
          .flatMap(line -> List.of(line.split(" ")).stream())
          .map(word -> word.replace("/app/classpath/*", "target/classes"))
          .toList();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  record Ran(int exitCode, String output, String errors) {}

  static Ran run(Path dataDirectory, String... arguments) throws Exception {
    Path errors = Files.createTempFile("kvs", ".errors");
    try {
      Process process = start(dataDirectory, errors, arguments);
      String output = new String(process.getInputStream().readAllBytes(), UTF_8);
      return new Ran(process.waitFor(), output, Files.readString(errors));
    } finally {
      Files.delete(errors);
    }
  }

  static Process start(Path dataDirectory, Path errors, String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of(ServiceProcess.java()));
    command.addAll(OPTIONS);
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).redirectError(errors.toFile());
    builder.environment().put("KVS_DATA_DIRECTORY", dataDirectory.toString());
    return builder.start();
  }
}
