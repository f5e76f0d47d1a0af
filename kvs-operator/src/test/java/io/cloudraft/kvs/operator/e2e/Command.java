package io.cloudraft.kvs.operator.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;

/** A command as a person runs it, where what it prints or sends is what is tested. */
final class Command {
  private Command() {}

  static String kubectl(String... arguments) {
    return run(Stream.concat(Stream.of("kubectl"), Stream.of(arguments)).toArray(String[]::new));
  }

  /** What the command printed. A command that fails, fails the test. */
  static String run(String... command) {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getOutputStream().close();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (process.waitFor() != 0) {
        throw new AssertionError(String.join(" ", command) + " failed:\n" + output);
      }
      return output;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while it ran: " + String.join(" ", command), e);
    }
  }
}
