package io.cloudraft.kvs.service.command;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;

/**
 * Sends its arguments to the service's control socket, and prints what that answers.
 *
 * <p>The answer goes to the standard output; progress and failures go to the standard error. Ends
 * with 0 if the command succeeded, 1 if not, 2 if it was not even sent.
 */
@SuppressWarnings("SystemOut") // Its output is what it is for.
final class Kvs {
  private static final String USAGE =
      """
      kvs backup create              makes a backup while the store is in use
      kvs backup list                shows all backups
      kvs backup verify ID|latest    reads a backup and compares its checksums
      kvs backup delete ID           deletes a backup
      kvs backup restore ID|latest   puts a backup in the place of the data; restarts the store

      kvs migrate to URL             moves this store, while it is in use, to the empty one at that address
      kvs migrate to URL --replace   the same, and deletes what is there first
      kvs migrate to URL --token-file FILE
                                     the same, for one that asks for a token: the first line of that file
      kvs migrate status             says whether this store is frozen, or was moved
      kvs migrate undo               stops that, and lets this store take writes again

      With --json the answer of "backup" is JSON. KVS_DATA_DIRECTORY is that of the service (default: data).\
      """;

  private Kvs() {}

  public static void main(String[] arguments) {
    System.exit(run(arguments, System.out, System.err));
  }

  private static int run(String[] arguments, PrintStream output, PrintStream errors) {
    String request = String.join(" ", arguments);
    if (arguments.length == 0 || !request.matches("[\\x20-\\x7e]+")) {
      errors.println(USAGE);
      return 2;
    }
    Path socket = dataDirectory().resolve("control.sock");
    try (SocketChannel service = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      service.write(ByteBuffer.wrap((request + "\n").getBytes(UTF_8)));
      return print(
          new BufferedReader(new InputStreamReader(Channels.newInputStream(service), UTF_8)),
          output,
          errors);
    } catch (IOException e) {
      errors.printf(
          "kvs: No service takes commands at %s (%s). Is it running, has it finished starting, and is KVS_DATA_DIRECTORY the same as its own?%n",
          socket, e.getMessage());
      return 2;
    }
  }

  /** As the service finds it. */
  private static Path dataDirectory() {
    String variable = System.getenv("KVS_DATA_DIRECTORY");
    return Path.of(variable == null ? "data" : variable).toAbsolutePath().normalize();
  }

  private static int print(BufferedReader answer, PrintStream output, PrintStream errors)
      throws IOException {
    String line;
    while ((line = answer.readLine()) != null) {
      String text = line.isEmpty() ? "" : line.substring(1);
      switch (line.isEmpty() ? ' ' : line.charAt(0)) {
        case '=' -> output.println(text);
        case '~' -> errors.println(text);
        case '.' -> {
          return 0;
        }
        case '!' -> {
          errors.println("kvs: " + text);
          return 1;
        }
        default -> throw new IOException("it answered \"" + line + "\"");
      }
    }
    errors.println(
        "kvs: The service ended before the command did. Its log says why; run the command again.");
    return 1;
  }
}
