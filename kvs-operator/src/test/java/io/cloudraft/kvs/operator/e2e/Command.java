package io.cloudraft.kvs.operator.e2e;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/** A command as a person runs it, where what it prints or sends is what is tested. */
final class Command {
  private Command() {}

  static String kubectl(String... arguments) {
    return run(Stream.concat(Stream.of("kubectl"), Stream.of(arguments)).toArray(String[]::new));
  }

  /** What the command printed. A command that fails, fails the test. */
  static String run(String... command) {
    return runWith("", command);
  }

  /** What the command printed that had {@code input} to read. */
  static String runWith(String input, String... command) {
    var ended = ended(input, command);
    if (ended.code() != 0) {
      throw new AssertionError(String.join(" ", command) + " failed:\n" + ended.output());
    }
    return ended.output();
  }

  /** What the command printed that is to fail. */
  static String failing(String... command) {
    var ended = ended("", command);
    if (ended.code() == 0) {
      throw new AssertionError(String.join(" ", command) + " did not fail:\n" + ended.output());
    }
    return ended.output();
  }

  private record Ended(int code, String output) {}

  private static Ended ended(String input, String... command) {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      CompletableFuture<Void> read =
          CompletableFuture.runAsync(() -> write(input, process.getOutputStream()));
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      read.join();
      return new Ended(process.waitFor(), output);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while it ran: " + String.join(" ", command), e);
    }
  }

  private static void write(String text, OutputStream out) {
    try (out) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
