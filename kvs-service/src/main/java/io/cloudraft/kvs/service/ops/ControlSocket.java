package io.cloudraft.kvs.service.ops;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.cloudraft.kvs.service.migration.MigrationFailure;
import io.cloudraft.kvs.service.store.BackupFailure;
import io.cloudraft.kvs.service.store.StoreFailure;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where those who may use the data directory, and nobody on a network, tell the service what to do:
 * the socket {@code control.sock} in it.
 *
 * <p>A client sends one line: the words of a command, with spaces in between. It gets lines of
 * which the first character says what they are: {@code =} a part of the answer, {@code ~} how far
 * the command is; and in the end either {@code .} for success or {@code !} with the reason of the
 * failure. A connection that ends without one of these two broke.
 */
public final class ControlSocket implements AutoCloseable {

  /** Something to be told to do by a word. */
  @FunctionalInterface
  public interface Command {
    /**
     * Does it, and returns when it is done.
     *
     * @param arguments the words that follow
     * @throws BackupFailure with a sentence for the one who sent the command
     * @throws MigrationFailure likewise
     */
    void run(List<String> arguments, Answer answer);
  }

  /** What a command says while it is at work. */
  public interface Answer {
    void line(String line);

    void progress(String sentence);

    /** Whether the one who sent the command was still there when something was said last. */
    boolean isHeard();
  }

  private static final Logger log = LoggerFactory.getLogger(ControlSocket.class);

  private final Path path;
  private final Map<String, Command> commands;
  private final Optional<ServerSocketChannel> server;

  private ControlSocket(
      Path path, Map<String, Command> commands, Optional<ServerSocketChannel> server) {
    this.path = path;
    this.commands = Map.copyOf(commands);
    this.server = server;
  }

  /**
   * Opens the socket in a directory that no other process serves. Where that cannot be, the log
   * says so, and everything else works.
   */
  public static ControlSocket open(Path directory, Map<String, Command> commands) {
    Path path = directory.resolve("control.sock");
    ControlSocket socket;
    try {
      socket = new ControlSocket(path, commands, Optional.of(listen(path)));
    } catch (IOException e) {
      log.warn(
          "Commands such as backup are not to be had, as there can be no socket {}: {}. The path of a socket may have about 100 characters; KVS_DATA_DIRECTORY sets it.",
          path,
          e.getMessage());
      return new ControlSocket(path, commands, Optional.empty());
    }
    Thread.ofPlatform().daemon().name("kvs-control").start(socket::accept);
    return socket;
  }

  /** Binds to another name first: nobody can connect before the permissions are set. */
  private static ServerSocketChannel listen(Path path) throws IOException {
    Path draft = path.resolveSibling("control.new");
    Files.deleteIfExists(draft);
    ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      server.bind(UnixDomainSocketAddress.of(draft));
      Files.setPosixFilePermissions(draft, PosixFilePermissions.fromString("rw-------"));
      // Also takes the place of one that a killed process left.
      Files.move(draft, path, StandardCopyOption.ATOMIC_MOVE);
      return server;
    } catch (IOException e) {
      server.close();
      throw e;
    }
  }

  private void accept() {
    try {
      while (true) {
        SocketChannel client = server.orElseThrow().accept();
        Thread.ofPlatform().daemon().name("kvs-command").start(() -> serve(client));
      }
    } catch (AsynchronousCloseException e) {
      log.debug("The control socket was closed.", e);
    } catch (IOException e) {
      log.error("The control socket {} takes no more commands: {}", path, e.getMessage());
    }
  }

  private void serve(SocketChannel client) {
    try (client;
        BufferedReader requests =
            new BufferedReader(new InputStreamReader(Channels.newInputStream(client), UTF_8));
        PrintWriter answers =
            new PrintWriter(
                new OutputStreamWriter(Channels.newOutputStream(client), UTF_8), true)) {
      String request = requests.readLine();
      if (request != null) {
        run(List.of(request.strip().split(" +")), answers);
      }
    } catch (ClosedChannelException e) {
      log.debug("A client of the control socket left.", e);
    } catch (IOException e) {
      log.warn("A command on the control socket was not understood: {}", e.getMessage());
    }
  }

  private void run(List<String> words, PrintWriter answers) {
    try {
      Command command = commands.get(words.getFirst());
      if (command == null) {
        throw new BackupFailure(
            "There is no command \"%s\"; there is: %s."
                .formatted(words.getFirst(), String.join(", ", new TreeSet<>(commands.keySet()))));
      }
      command.run(
          words.subList(1, words.size()),
          new Answer() {
            @Override
            public void line(String line) {
              answers.println("=" + line);
            }

            @Override
            public void progress(String sentence) {
              answers.println("~" + sentence);
            }

            @Override
            public boolean isHeard() {
              return !answers.checkError();
            }
          });
      answers.println(".");
    } catch (BackupFailure | MigrationFailure | StoreFailure e) {
      answers.println("!" + oneLine(String.valueOf(e.getMessage())));
    } catch (RuntimeException e) {
      log.error("The command {} failed.", words, e);
      answers.println("!The command failed inside of the service; its log says more.");
    }
  }

  private static String oneLine(String text) {
    return text.replaceAll("\\s*\\R\\s*", " ");
  }

  /** Takes no more commands; one that is at work ends with the process. */
  @Override
  public void close() {
    try {
      if (server.isPresent()) {
        Files.deleteIfExists(path);
        server.get().close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
